// Gives sessions their STUN and TURN servers: when they come, when they ask, and before what they hold ends.
import type { IceGrant, IceServer, SessionId } from "@heliograph/protocol";
import { HeldIce } from "./held-ice.ts";
import { IceCalendar } from "./ice-calendar.ts";
import type { IceLimit } from "./ice-limits.ts";
import { IceLimits } from "./ice-limits.ts";
import { onlyStun } from "./only-stun.ts";
import { phaseOf } from "./phase.ts";
import type { IceAsker, IceChange, IceIssued, IceOccasion } from "./ports/turn-issuer.ts";
import type { Session } from "./session.ts";
import type { World } from "./world.ts";

/** The part of a grant's life after which the next is pushed: the least of it, and how much more for the last session. */
const renewAfter = 0.7;
const renewSpread = 0.1;
/** Milliseconds between two grants of a session at least, unless it asks. */
const leastBetween = 30_000;
/** Milliseconds after which a session is looked at again whose grant nears its end, and there is no newer. */
const lookAgain = 30_000;
/** Milliseconds before the end of what it holds at which a session is told that it has STUN only. */
const lastMinute = 60_000;
/** Milliseconds in which everyone who waits for TURN is given it; a second of the calendar comes on top. */
const recovery = 4_000;

export class IceDesk {
  readonly #world: World;
  readonly #sessions: ReadonlyMap<SessionId, Session>;
  readonly #limits: IceLimits;
  readonly #calendar: IceCalendar;
  /** Have STUN only and are owed TURN. */
  readonly #waiting = new Set<Session>();
  readonly #unlisten: () => void;
  /** As someone was given them last: for the STUN servers among them. */
  #iceServers: readonly IceServer[] = [];
  /** The generation that was heard of last. */
  #newest = -1;

  /** `sessions`: those of the node, as they are at any time. */
  constructor(world: World, sessions: ReadonlyMap<SessionId, Session>) {
    this.#world = world;
    this.#sessions = sessions;
    this.#limits = new IceLimits(world.counters, world.clock, () => world.settings);
    this.#calendar = new IceCalendar(world.clock, this.#serve);
    this.#unlisten = world.turn.onChange((change) => this.#changed(change));
  }

  /** Sessions that something is kept for: what they hold ends, or they wait. */
  get size(): number {
    return this.#calendar.size + this.#waiting.size;
  }

  /** Sessions that were given STUN only, and are told when there is TURN again. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** For a welcome, or for the answer to a request. Nothing waits: at worst it is STUN, or nothing. */
  give(session: Session, occasion: "greeting" | "resume" | "request"): IceGrant {
    const limit = this.#limitOf(session, occasion);
    if (limit !== undefined) return this.#limited(session, occasion, limit);
    const issued = this.#issue(session, occasion);
    this.#note(session, issued);
    return issued.grant;
  }

  /** Nobody is there who could use what it holds: whoever comes back is given anew. */
  rest(session: Session): void {
    const { ice } = session;
    if (ice === undefined) return;
    this.#calendar.take(session, ice);
    this.#waiting.delete(session);
    if (ice.rested <= this.#world.clock.now()) session.ice = undefined;
    else ice.drop();
  }

  end(): void {
    this.#unlisten();
    this.#calendar.end();
    this.#waiting.clear();
  }

  /**
   * A resume goes on with what was counted when the session began: its credential names the same tag, and the quota of a
   * TURN server goes by that. An office behind one address may have to move to another node all at once.
   */
  #limitOf(session: Session, occasion: IceOccasion): IceLimit | undefined {
    if (occasion === "resume" || !hasCredentials(this.#world.turn.state)) return undefined;
    if (occasion === "greeting") return this.#limits.against(askerOf(session), undefined);
    session.ice ??= new HeldIce();
    return this.#limits.against(askerOf(session), session.ice);
  }

  /** What it holds already, if it was made for it and lasts; else STUN. Nothing new is made, and nothing it is due for changes. */
  #limited(session: Session, occasion: IceOccasion, { by, retryIn }: IceLimit): IceGrant {
    const { ice } = session;
    const left = ice === undefined ? 0 : ice.until - this.#world.clock.now();
    const own = left > lastMinute ? ice?.grant : undefined;
    const { observer } = this.#world;
    observer.observe({ type: "ice_limited", by });
    if (own !== undefined) return { ...own, ttl: Math.floor(left / 1_000), limited: { retryIn } };
    observer.observe({ type: "ice_granted", occasion, shortfall: "limited" });
    return { ...onlyStun(this.#iceServers), limited: { retryIn } };
  }

  #issue(session: Session, occasion: IceOccasion): IceIssued {
    const issued = this.#world.turn.grant(askerOf(session), session.iceWish, occasion);
    this.#iceServers = issued.grant.iceServers;
    this.#newest = Math.max(this.#newest, issued.generation);
    return issued;
  }

  /** What the session was given is what it holds from now on. */
  #note(session: Session, { grant, generation, shared }: IceIssued): void {
    const now = this.#world.clock.now();
    const waits = grant.degraded && !isBarred(grant);
    const ends = !grant.degraded && grant.ttl > 0;
    this.#waiting.delete(session);
    if (!waits && !ends && session.ice === undefined) return;
    session.ice ??= new HeldIce();
    const held = session.ice;
    this.#calendar.take(session, held);
    held.drop();
    if (waits) this.#waiting.add(session);
    // Nothing is kept for a session that holds nothing which ends, but what it asked lately.
    else if (!ends && held.rested <= now) session.ice = undefined;
    if (!ends) return;
    held.generation = generation;
    const life = grant.ttl * 1_000;
    held.until = now + life;
    if (!shared) held.grant = grant;
    const part = renewAfter + renewSpread * phaseOf(session.id);
    this.#calendar.put(session, held, now + Math.max(leastBetween, life * part));
  }

  /** Its time has come: what it holds nears its end or was withdrawn, or what it waited for may be there. */
  readonly #serve = (session: Session, dueAt: number): void => {
    const { ice: held, connection } = session;
    if (held === undefined || connection === undefined) return;
    const now = this.#world.clock.now();
    const lasts = held.until - now > lastMinute;
    // Everybody's credentials, and there are no others yet: nothing to ask for.
    const old = held.grant === undefined && held.generation >= this.#newest;
    // A push replaces whatever was pushed before, so it is the first thing that a slow reader goes without.
    if (lasts && (old || connection.slow === true)) {
      this.#calendar.put(session, held, now + lookAgain);
      return;
    }
    const issued = this.#issue(session, "push");
    const { grant } = issued;
    // Everybody's credentials are worth sending only if they are others: they end together with those that it has.
    const news = !grant.degraded && (!issued.shared || issued.generation > held.generation);
    if (news) {
      this.#note(session, issued);
      this.#push(session, grant, dueAt);
      return;
    }
    if (lasts) {
      this.#calendar.put(session, held, now + lookAgain);
      return;
    }
    if (held.until > 0) {
      held.until = 0;
      held.grant = undefined;
      if (grant.degraded) held.generation = -1;
      this.#push(session, grant.degraded ? grant : onlyStun(grant.iceServers), dueAt);
    }
    if (!isBarred(grant)) this.#waiting.add(session);
  };

  #push(session: Session, ice: IceGrant, dueAt: number): void {
    const { observer, clock } = this.#world;
    session.deliver({ type: "ice", ice });
    observer.observe({ type: "ice_pushed", lag: Math.max(0, clock.now() - dueAt) });
  }

  #changed({ state, generation, withdrawn }: IceChange): void {
    this.#newest = Math.max(this.#newest, generation);
    if (withdrawn !== undefined) this.#withdraw(withdrawn);
    if (state === "starting" || state === "stun-only" || this.#waiting.size === 0) return;
    const now = this.#world.clock.now();
    for (const session of this.#waiting) {
      if (session.ice !== undefined) this.#calendar.put(session, session.ice, now + recovery * phaseOf(session.id));
    }
    this.#waiting.clear();
  }

  /** Whoever holds something up to this generation holds nothing, and is due at once: as fast as the calendar goes. */
  #withdraw(upTo: number): void {
    const now = this.#world.clock.now();
    for (const session of this.#sessions.values()) {
      if (session.connection === undefined || this.#waiting.has(session)) continue;
      session.ice ??= new HeldIce();
      const held = session.ice;
      if (held.generation > upTo) continue;
      held.drop();
      // It has to be told, be it of STUN only.
      held.until = now;
      this.#calendar.put(session, held, now);
    }
  }
}

/** No TURN for good, by who it is: no news of providers will change that. */
function isBarred({ degraded, ttl }: IceGrant): boolean {
  return degraded && ttl === 0;
}

/** Whether there are credentials that could be asked for too often. */
function hasCredentials(state: IceChange["state"]): boolean {
  return state === "fresh" || state === "stale";
}

function askerOf({ id, origin: { realm, address, user } }: Session): IceAsker {
  return { realm, session: id, address, ...(user === undefined ? {} : { user }) };
}
