// Looks after members whose connection or node is gone: proposes `away`, then `left`, and keeps living rooms in the log.
import { sameEpoch } from "@heliograph/protocol";
import type { Beats } from "./beats.ts";
import type { Timer } from "./ports/clock.ts";
import type { Replica } from "./replica.ts";
import type { Member } from "./room/member.ts";
import type { World } from "./world.ts";

/** Milliseconds between two rounds. */
const round = 1_000;
/** A round that comes this much later than due: the process was paused, and knows nothing of the time between. */
const paused = 4_000;
/** While a room has much to say, the same is proposed again only after this long: it may be on its way behind that. */
const again = 3_000;
/** Rooms raised to newer rules in one round at most: all nodes may learn at once that they may. */
const upgradesPerRound = 100;

/** What the rooms of this node tell Care, and hear from it. */
export interface CareHost {
  readonly replicas: Iterable<Replica>;
  /** The room is let go if nobody here is in it, and nobody else needs it hosted here. */
  releaseUnused(replica: Replica): void;
  /** For a while nothing could be heard, or said. */
  lapsed(): void;
}

export class Care {
  readonly #world: World;
  readonly #beats: Beats;
  readonly #host: CareHost;
  #timer: Timer;
  #lastRound: number;
  #lastBeat = 0;
  #upgrades = 0;
  /** Until then nobody is proposed `left`: after an outage everyone first gets the time to come back. */
  #quietUntil = 0;
  /** Present members of this node that had no connection a round ago. */
  readonly #unspoken = new WeakSet<Member>();
  /** Local time at which something was last proposed about a member or a room. */
  readonly #proposed = new WeakMap<object, number>();

  constructor(world: World, beats: Beats, host: CareHost) {
    this.#world = world;
    this.#beats = beats;
    this.#host = host;
    this.#lastRound = world.clock.now();
    this.#timer = world.clock.after(0, () => this.#round());
  }

  end(): void {
    this.#timer.cancel();
  }

  /** The log's link came back, or the process woke: silence of others meant nothing. */
  startOver(): void {
    this.#quietUntil = this.#world.clock.now() + this.#world.settings.limits.grace;
    this.#beats.startOver();
    this.#host.lapsed();
  }

  #round(): void {
    const { clock, settings, random } = this.#world;
    const now = clock.now();
    const late = now - this.#lastRound - round;
    // A clock that was set back says as little about the time between as a pause does.
    const lapsed = late > paused || now < this.#lastRound;
    this.#lastRound = now;
    if (lapsed) this.startOver();
    if (now - this.#lastBeat >= settings.beat || lapsed) {
      this.#lastBeat = now;
      this.#beats.say();
    }
    this.#upgrades = 0;
    for (const replica of this.#host.replicas) {
      replica.passed(now);
      this.visit(replica);
      // Whoever it was kept for may be heard again.
      this.#host.releaseUnused(replica);
    }
    this.#beats.forgetSilent();
    // A jitter per round, so that the hosts of one room do not all propose the same at once.
    this.#timer = clock.after(round * (0.75 + random.fraction() / 2), () => this.#round());
  }

  /** Proposes what is due in one room. */
  visit(replica: Replica): void {
    const { room } = replica;
    // Nothing is let in behind a bundle that is stuck.
    if (room === undefined || replica.overdue || this.#world.log.link === "down") return;
    const now = this.#world.clock.now();
    const logNow = replica.logTime(now);
    for (const member of room.members()) {
      if (member.state === "away") this.#lookAfterAway(replica, member, logNow, now);
      else if (member.epoch.node === this.#world.id) this.#lookAfterOwn(replica, member);
      else this.#lookAfterForeign(replica, member, logNow);
    }
    // A room that is only watched has nobody else to keep it, once it was begun.
    const lives = room.size > 0 || (replica.watchers.size > 0 && room.at.seq > 0);
    if (lives && replica.quiet && logNow - room.at.time > 0.4 * this.#world.settings.logLife) {
      replica.propose({ kind: "keep", by: this.#world.id });
    }
    if (room.rules < this.#world.rules.version && this.#mayPropose(replica, room)) this.#upgrade(replica, room.rules);
  }

  /** New rules begin by an entry, once nobody is left who could not apply them. */
  #upgrade(replica: Replica, from: number): void {
    const rules = this.#beats.agreedRules();
    if (rules === undefined || rules <= from || this.#upgrades >= upgradesPerRound) return;
    this.#upgrades += 1;
    replica.propose({ kind: "upgrade", rules });
  }

  #lookAfterAway(replica: Replica, member: Member, logNow: number, now: number): void {
    if (now < this.#quietUntil || logNow < member.since + member.grace) return;
    if (!this.#mayPropose(replica, member)) return;
    replica.propose({ kind: "left", member: member.id, epoch: member.epoch });
  }

  /**
   * Members that bear this node's name without a connection: their session moved on and did not name this room, or
   * they were loaded from before a restart. One round of patience, since their `back` may be under way.
   */
  #lookAfterOwn(replica: Replica, member: Member): void {
    const stay = replica.locals.get(member.id);
    const asked = stay !== undefined && stay.phase !== "unasked";
    const spokenFor = asked && stay.session.connection !== undefined && sameEpoch(stay.epoch, member.epoch);
    if (spokenFor || stay?.phase === "joining" || stay?.phase === "resuming") return;
    if (!this.#unspoken.has(member)) this.#unspoken.add(member);
    else if (this.#mayPropose(replica, member)) this.#proposeAway(replica, member);
  }

  #lookAfterForeign(replica: Replica, member: Member, logNow: number): void {
    // Asked at first sight, since the silence of a node that was never heard counts from the first question.
    const silent = this.#beats.silent(member.epoch.node);
    // It spoke in the log itself a moment ago, whatever became of its beats.
    if (!silent || logNow - member.since < this.#world.settings.silence) return;
    if (this.#mayPropose(replica, member)) this.#proposeAway(replica, member);
  }

  #proposeAway(replica: Replica, member: Member): void {
    replica.propose({ kind: "away", member: member.id, epoch: member.epoch });
  }

  /**
   * What is on its way may already say it. In a room where people talk without pause something always is, so that
   * waiting for silence there would mean for ever.
   */
  #mayPropose(replica: Replica, about: object): boolean {
    const now = this.#world.clock.now();
    const last = this.#proposed.get(about);
    if (!replica.quiet && last !== undefined && Math.abs(now - last) < again) return false;
    this.#proposed.set(about, now);
    return true;
  }
}
