// The ICE grant that a client holds: how long it serves, which zone is wished for, and when another one is asked for.
import type { IceExpiry, IceWish, IceZone } from "@heliograph/protocol";
import type { RefusedFrame, WireIce } from "@heliograph/protocol/schema";
import type { Connection } from "./connection.ts";
import type { Fetch, GeoAnswer } from "./geo.ts";
import { Geo } from "./geo.ts";
import type { Deferred } from "./joins.ts";
import { deferred } from "./joins.ts";
import type { Clock, PageEvents, Random } from "./surroundings.ts";

/**
 * The node renews grants by itself between 70 and 80 % of their life. Its pushes are what a slow connection loses first,
 * so one that has not come by this part of the life is asked for; later, a `hard` one would end before its relays moved.
 */
const patience = 0.9;
/** Nobody asks sooner after the last grant, or after a refusal that names no time. */
const pause = 30_000;
/** A connection that is begun with less than this might meet the end of its login. */
const margin = 60_000;
/** So long a connection waits for a grant before it tries what there is. */
const answerWithin = 5_000;
/** A wall clock that is this far ahead tells that the machine slept, and the other clock with it. */
const nap = 30_000;
/** Timers of browsers end at 2^31 ms. */
const longest = 2 ** 31 - 1;

/** A grant as it is held. */
export interface HeldIce {
  /** For `RTCConfiguration.iceServers`. */
  readonly servers: RTCIceServer[];
  /** The username at the TURN servers; undefined: there are none. Another one is another credential. */
  readonly login: string | undefined;
  readonly expiry: IceExpiry;
  /** Less than this client is meant to have: there is no TURN now, or not for it. */
  readonly degraded: boolean;
  /** Whose TURN servers these are. */
  readonly zone: string | undefined;
  /** The zones that can be wished for, by priority; empty where there is nothing to choose. */
  readonly zones: readonly IceZone[];
  /** By the client's clock, in milliseconds. */
  readonly since: number;
  /** Milliseconds from `since`; infinite: it does not end. */
  readonly life: number;
}

/** What peer connections need of it. */
export interface IceSource {
  readonly held: HeldIce;
  /**
   * To be awaited before a connection gathers. Undefined: what is held serves for a while yet. Otherwise it settles when
   * a new grant is held, and never rejects: where none is to be had within 5 s, what there is has to do.
   */
  fresh(): Promise<void> | undefined;
  /** A TURN server has refused this login (401). Asks for another once; tells whether another one is held now. */
  refused(login: string): Promise<boolean>;
}

export interface IceOptions {
  /** Which zone's TURN servers are wished for; `auto` unless given. */
  readonly iceWish?: IceWish;
  /** No geo call: nobody but the cluster and the TURN servers learns the address of this page. */
  readonly noGeo?: boolean;
  /** For a page that makes several clients, so that it asks the geo service once and not once for each. */
  readonly geoAnswer?: GeoAnswer;
  /** For the geo call; the platform's own unless given. */
  readonly fetch?: Fetch;
}

interface Asked {
  readonly on: Pick<Connection, "nextN" | "send">;
  readonly n: number;
}

export interface IceParts extends IceOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly page: PageEvents | undefined;
  /** The connection on which a node can be asked now. */
  readonly speaking: () => Asked["on"] | undefined;
  readonly told: (held: HeldIce) => void;
  readonly failed: (error: unknown, where: string) => void;
}

export class Ice implements IceSource {
  readonly #parts: IceParts;
  readonly #geo: Geo;
  readonly #wokeUp = () => {
    if (this.#short()) void this.#another();
  };
  #wish: IceWish;
  #grant: WireIce | undefined;
  #held: HeldIce;
  /** `held.since` by the wall clock. */
  #wall = 0;
  #asked: Asked | undefined;
  #coming: Deferred | undefined;
  /** A login that came in place of a refused one, or was all there was: its refusal is not asked about again. */
  #lastResort: string | undefined;
  #stopAsk: (() => void) | undefined;
  #stopWait: (() => void) | undefined;

  constructor(parts: IceParts) {
    this.#parts = parts;
    this.#wish = parts.iceWish ?? "auto";
    this.#geo = new Geo(
      {
        clock: parts.clock,
        random: parts.random,
        fetch: parts.fetch ?? globalThis.fetch,
        near: () => this.#hold(),
        again: () => this.#ask(),
        failed: (error) => parts.failed(error, "geo call"),
      },
      parts.geoAnswer,
    );
    this.#geo.off = parts.noGeo ?? false;
    const since = parts.clock.now();
    const nothing = { servers: [], zones: [], login: undefined, zone: undefined };
    this.#held = { ...nothing, expiry: "never", degraded: false, since, life: Number.POSITIVE_INFINITY };
  }

  get held(): HeldIce {
    return this.#held;
  }

  get wish(): IceWish {
    return this.#wish;
  }
  set wish(wish: IceWish) {
    if (same(wish, this.#wish)) return;
    this.#wish = wish;
    // Without a connection the next greeting carries it.
    this.#ask();
  }

  get noGeo(): boolean {
    return this.#geo.off;
  }
  set noGeo(off: boolean) {
    if (off === this.#geo.off) return;
    this.#geo.off = off;
    this.#hold();
  }

  start(): void {
    for (const type of ["visibilitychange", "online"]) this.#parts.page?.addEventListener(type, this.#wokeUp);
  }

  stop(): void {
    for (const type of ["visibilitychange", "online"]) this.#parts.page?.removeEventListener(type, this.#wokeUp);
    this.#geo.stop();
    this.lost();
    this.#settle();
  }

  /** Nobody can be asked; the next welcome brings a grant. */
  lost(): void {
    this.#asked = undefined;
    this.#stopAsk?.();
  }

  granted(grant: WireIce): void {
    this.#asked = undefined;
    const { limited } = grant;
    // Told to slow down, a client may get less than it has: what still serves is kept.
    const keeps = limited !== undefined && this.#held.login !== undefined && this.#left() > 0 && grant.degraded;
    if (!keeps) {
      this.#grant = grant;
      this.#wall = this.#parts.clock.wall?.() ?? 0;
      this.#hold(this.#parts.clock.now());
    }
    const { life, login, zone } = this.#held;
    const lacks = grant.degraded || (typeof this.#wish === "object" && this.#wish.zone !== zone);
    if (limited !== undefined && lacks) this.#askIn(Math.max(limited.retryIn, 1_000));
    else if (login === undefined) this.#stopAsk?.();
    else this.#askIn(Math.max(life * patience, pause));
    this.#settle();
  }

  /** A request was refused; false: it was none of ours. */
  declined(on: Asked["on"], { n, retryIn }: Pick<RefusedFrame, "n" | "retryIn">): boolean {
    if (this.#asked?.on !== on || this.#asked.n !== n) return false;
    this.#asked = undefined;
    this.#askIn(retryIn ?? pause);
    this.#settle();
    return true;
  }

  fresh(): Promise<void> | undefined {
    return this.#short() ? this.#another() : undefined;
  }

  async refused(login: string): Promise<boolean> {
    if (login === this.#held.login && login !== this.#lastResort) {
      await this.#another();
      this.#lastResort = this.#held.login;
    }
    return this.#held.login !== undefined && this.#held.login !== login;
  }

  /** Milliseconds that the grant still serves. */
  #left(): number {
    const { clock } = this.#parts;
    const { since, life } = this.#held;
    const passed = clock.now() - since;
    const outside = (clock.wall?.() ?? this.#wall) - this.#wall;
    return life - (outside - passed > nap ? outside : passed);
  }

  #short(): boolean {
    return this.#held.login !== undefined && this.#left() < margin;
  }

  /** One request at a time, however many connections wait for it. */
  #another(): Promise<void> {
    if (this.#coming !== undefined) return this.#coming.promise;
    const coming = deferred();
    this.#coming = coming;
    this.#stopWait = this.#parts.clock.after(answerWithin, () => this.#settle());
    if (this.#asked === undefined) this.#ask();
    return coming.promise;
  }

  #settle(): void {
    this.#stopWait?.();
    this.#coming?.resolve();
    this.#coming = undefined;
  }

  #ask(): void {
    const on = this.#parts.speaking();
    if (on === undefined) return;
    const n = on.nextN();
    this.#asked = { on, n };
    on.send({ type: "ice", n, wish: this.#wish });
  }

  #askIn(delay: number): void {
    this.#stopAsk?.();
    if (delay < Number.POSITIVE_INFINITY) {
      this.#stopAsk = this.#parts.clock.after(Math.min(delay, longest), () => this.#ask());
    }
  }

  /** The grant as it is, but with the servers of the zone that the geo service named: its login opens all of them. */
  #hold(since = this.#held.since): void {
    const grant = this.#grant;
    if (grant === undefined) return;
    const turn = grant.iceServers.find(({ username }) => username !== undefined);
    const zones = grant.zones ?? [];
    const anywhere = this.#wish === "auto" || this.#wish === "geo";
    if (!anywhere) this.#geo.stop();
    const near = turn !== undefined && anywhere ? this.#geo.nearest(grant.geo, zones, turn) : undefined;
    this.#held = {
      servers: grant.iceServers.map((server) => {
        const { urls, username, credential } = server;
        return {
          urls: [...(server === turn && near !== undefined ? near.urls : urls)],
          ...(username === undefined ? {} : { username }),
          ...(credential === undefined ? {} : { credential }),
        };
      }),
      login: turn?.username,
      expiry: grant.expiry,
      degraded: grant.degraded,
      zone: near?.id ?? grant.zone,
      zones,
      since,
      life: grant.ttl === 0 ? Number.POSITIVE_INFINITY : grant.ttl * 1000,
    };
    this.#parts.told(this.#held);
  }
}

function same(one: IceWish, other: IceWish): boolean {
  return one === other || (typeof one === "object" && typeof other === "object" && one.zone === other.zone);
}
