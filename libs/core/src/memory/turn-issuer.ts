// STUN and TURN servers as a script has them, over the clock of the script.

import type { IceExpiry, IceGrant, IceServer, IceWish, IceZone } from "@heliograph/protocol";
import { Listeners } from "../listeners.ts";
import type { Clock, Timer } from "../ports/clock.ts";
import type { IceAsker, IceChange, IceIssued, IceOccasion, TurnIssuer } from "../ports/turn-issuer.ts";

/** Credentials, given to whoever asks. */
export interface ScriptedIce {
  readonly iceServers: readonly IceServer[];
  /** Seconds; 0: they do not end. */
  readonly ttl: number;
  readonly expiry: IceExpiry;
  /** The same credentials for everybody, whose life began when they came; else each grant has a life of its own. */
  readonly shared: boolean;
  readonly zones?: readonly IceZone[];
}

export interface IceQuestion {
  readonly asker: IceAsker;
  readonly wish: IceWish;
  readonly occasion: IceOccasion;
}

/** What is left when there is no TURN, looked at again soon (spec: 60 s). */
const stunOnlyTtl = 60;

export class MemoryTurnIssuer implements TurnIssuer {
  /** Set to a list, it takes down who asked for what: a test's to read. */
  questions: IceQuestion[] | undefined;
  readonly #clock: Pick<Clock, "now" | "after">;
  readonly #stun: readonly IceServer[];
  readonly #listeners = new Listeners<IceChange>();
  #state: IceChange["state"] = "off";
  #generation = 0;
  #ice: ScriptedIce | undefined;
  #endsAt = 0;
  #end: Timer | undefined;

  /** Without a provider until told otherwise: STUN for everybody, for good. */
  constructor(clock: Pick<Clock, "now" | "after">, stun: readonly IceServer[] = []) {
    this.#clock = clock;
    this.#stun = stun;
  }

  get state(): IceChange["state"] {
    return this.#state;
  }

  grant(asker: IceAsker, wish: IceWish, occasion: IceOccasion): IceIssued {
    this.questions?.push({ asker, wish, occasion });
    return { grant: this.#grant(wish), generation: this.#generation, shared: this.#ice?.shared ?? true };
  }

  onChange(listener: (change: IceChange) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** There is a provider, and it has nothing yet. */
  begin(): void {
    this.#be("starting", undefined);
  }

  serve(ice: ScriptedIce): void {
    this.#be("fresh", ice);
  }

  /** In place of credentials that serve no longer; without others in their place, STUN only. */
  replace(ice?: ScriptedIce): void {
    const withdrawn = this.#generation;
    this.#be(ice === undefined ? "stun-only" : "fresh", ice, withdrawn);
  }

  /** The provider fails; what it gave last serves on to its end. */
  fail(): void {
    if (this.#ice === undefined) return this.lose();
    this.#state = "stale";
    this.#tell({});
  }

  /** No credentials are left. */
  lose(): void {
    this.#be("stun-only", undefined);
  }

  #be(state: IceChange["state"], ice: ScriptedIce | undefined, withdrawn?: number): void {
    this.#end?.cancel();
    this.#end = undefined;
    this.#state = state;
    this.#generation += 1;
    this.#ice = ice;
    if (ice?.shared === true && ice.ttl > 0) {
      this.#endsAt = this.#clock.now() + ice.ttl * 1_000;
      this.#end = this.#clock.after(ice.ttl * 1_000, () => this.lose());
    }
    this.#tell(withdrawn === undefined ? {} : { withdrawn });
  }

  #tell(more: Pick<IceChange, "withdrawn">): void {
    const change = { generation: this.#generation, state: this.#state, ...more };
    this.#listeners.tell(change);
  }

  #grant(wish: IceWish): IceGrant {
    const ice = this.#ice;
    const ttl = ice === undefined ? 0 : this.#lifeOf(ice);
    if (ice === undefined || (ice.ttl > 0 && ttl <= 0)) {
      const off = this.#state === "off";
      return { iceServers: this.#stun, ttl: off ? 0 : stunOnlyTtl, expiry: "never", degraded: !off };
    }
    const { iceServers, expiry, zones } = ice;
    const zone = typeof wish === "string" ? undefined : zones?.find(({ id }) => id === wish.zone);
    const chosen = zone ?? zones?.[0];
    return {
      iceServers,
      ttl,
      expiry,
      degraded: false,
      ...(chosen === undefined ? {} : { zone: chosen.id }),
      ...(zones === undefined ? {} : { zones }),
    };
  }

  #lifeOf({ shared, ttl }: ScriptedIce): number {
    return shared && ttl > 0 ? Math.floor((this.#endsAt - this.#clock.now()) / 1_000) : ttl;
  }
}
