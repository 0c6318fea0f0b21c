// How often anyone is given a TURN credential: it is bandwidth that someone else pays for, and a tunnel.
import type { HeldIce } from "./held-ice.ts";
import type { Clock } from "./ports/clock.ts";
import type { Counters } from "./ports/counters.ts";
import type { IceAsker } from "./ports/turn-issuer.ts";
import type { NodeSettings } from "./settings.ts";
import { Tallies } from "./tallies.ts";

/** Requests that a session has, and the milliseconds in which one comes back. */
const requests = 3;
const refill = 30_000;

export interface IceLimit {
  readonly by: "session" | "user" | "address";
  /** Milliseconds. */
  readonly retryIn: number;
}

type IceSettings = Pick<NodeSettings, "icePerUser" | "icePerAddress" | "iceWindow">;

export class IceLimits {
  readonly #clock: Pick<Clock, "now">;
  readonly #settings: () => IceSettings;
  readonly #tallies: Tallies;

  constructor(counters: Counters, clock: Pick<Clock, "now">, settings: () => IceSettings) {
    this.#clock = clock;
    this.#settings = settings;
    // What one node counts says little about a user who may ask at all of them: then the session's own bound is the only one.
    this.#tallies = new Tallies(counters, clock, { alone: "nothing" });
  }

  /** What stands against one more credential; undefined: nothing, and it is counted. `held`: of a session that asks. */
  against(asker: IceAsker, held: HeldIce | undefined): IceLimit | undefined {
    const now = this.#clock.now();
    const { icePerUser, icePerAddress, iceWindow } = this.#settings();
    if (held !== undefined) {
      const wait = held.rested - now - (requests - 1) * refill;
      // A clock that was set back keeps nobody waiting for longer than all requests take to come back.
      if (wait > 0) return { by: "session", retryIn: Math.min(wait, requests * refill) };
    }
    const user = asker.user === undefined ? undefined : `ice:user:${asker.realm}:${asker.user}`;
    const address = `ice:address:${asker.address}`;
    const userWait = user === undefined ? 0 : this.#tallies.waitFor(user, icePerUser, iceWindow);
    if (userWait > 0) return { by: "user", retryIn: userWait };
    const addressWait = this.#tallies.waitFor(address, icePerAddress, iceWindow);
    if (addressWait > 0) return { by: "address", retryIn: addressWait };
    if (held !== undefined) held.rested = Math.max(held.rested, now) + refill;
    if (user !== undefined) this.#tallies.count(user, iceWindow);
    this.#tallies.count(address, iceWindow);
    return undefined;
  }
}
