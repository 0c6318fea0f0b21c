// A source over the sets that the whole cluster shares: reads what others fetched, and holds it to its end.
import type { Clock, IceLook, IceSets, Nodes, Random, Timer } from "@heliograph/core";
import { Listeners, Unreachable } from "@heliograph/core";
import { HeldShare } from "./held-share.ts";
import type { HeldSet, IceExpiry } from "./ice-set.ts";
import type { IceSource, SourceState } from "./ice-source.ts";
import { Looks } from "./looks.ts";
import type { SharingTimes } from "./sharing-times.ts";
import { longestLook, sharingTimes } from "./sharing-times.ts";

export interface SharedSourcePorts {
  readonly clock: Clock;
  readonly random: Pick<Random, "fraction">;
  readonly sets: Pick<IceSets, "read" | "onLink">;
  readonly nodes: Pick<Nodes, "onIceSet">;
  fault(where: string, error: unknown): void;
}

/**
 * `stale` is told by the memory (an attempt failed since the set was stored) or follows from the set itself: half of its
 * life and a look are over, and no newer one has come by, so that nobody fetches or the memory is out of reach.
 */
export class SharedSource implements IceSource {
  readonly id: string;
  readonly expiry: IceExpiry;
  readonly scope = "shared";
  readonly #ports: SharedSourcePorts;
  readonly #times: SharingTimes;
  readonly #looks: Looks;
  readonly #held: HeldShare;
  readonly #listeners = new Listeners<void>();
  readonly #ends: (() => void)[];
  readonly #firstLook: Promise<void>;
  #firstLooked: () => void = () => undefined;
  /** When the state changes by itself. */
  #turn: Timer | undefined;
  #starting: Timer | undefined;
  #started = false;
  #closed = false;
  /** Nobody asks again so soon. */
  #asked: Timer | undefined;
  #fails = 0;
  #told: { readonly state: SourceState; readonly generation: number } = { state: "starting", generation: 0 };

  constructor(
    { id, expiry }: { readonly id: string; readonly expiry: IceExpiry },
    ports: SharedSourcePorts,
    times = sharingTimes,
  ) {
    const { clock, random, sets, nodes } = ports;
    this.id = id;
    this.expiry = expiry;
    this.#ports = ports;
    this.#times = times;
    this.#held = new HeldShare({
      clock,
      fault: (where, error) => ports.fault(where, error),
      onEnd: () => this.#judge(),
    });
    this.#looks = new Looks(() => this.#look(), clock, random, times);
    this.#firstLook = new Promise((resolve) => {
      this.#firstLooked = resolve;
    });
    this.#ends = [
      sets.onLink((link) => {
        if (link === "up") this.#looks.now();
      }),
      nodes.onIceSet(({ provider, generation }) => {
        if (provider === id && generation !== this.#held.generation) this.#looks.now();
      }),
    ];
  }

  /** Resolves with the first look, or a little later without it; never rejects. */
  start(): Promise<void> {
    const { clock } = this.#ports;
    this.#starting = clock.after(this.#times.starting, () => {
      this.#started = true;
      this.#judge();
    });
    this.#looks.now();
    return new Promise((resolve) => {
      const patience = clock.after(this.#times.first, resolve);
      void this.#firstLook.then(() => {
        patience.cancel();
        resolve();
      });
    });
  }

  get state(): SourceState {
    const { left, life } = this.#held;
    if (left > 0) return this.#fails > 0 || left < life / 2 - longestLook(this.#times) ? "stale" : "fresh";
    return this.#held.generation > 0 || this.#fails > 0 || this.#started ? "none" : "starting";
  }

  get generation(): number {
    return this.#held.generation;
  }

  /** Milliseconds that the set serves still; 0: there is none. */
  get left(): number {
    return this.#held.left;
  }

  setFor(): HeldSet | undefined {
    const held = this.#held.now;
    if (held === undefined) this.#ask();
    return held;
  }

  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  close(): void {
    this.#closed = true;
    this.#looks.stop();
    this.#held.close();
    for (const end of this.#ends) end();
    for (const timer of [this.#turn, this.#starting, this.#asked]) timer?.cancel();
  }

  /** A session wanted what is not there: it may be by now. */
  #ask(): void {
    if (this.#asked !== undefined || this.#closed) return;
    this.#asked = this.#ports.clock.after(this.#times.asked, () => {
      this.#asked = undefined;
    });
    this.#looks.now();
  }

  async #look(): Promise<void> {
    const askedAt = this.#ports.clock.now();
    try {
      this.#take(await this.#ports.sets.read(this.id), askedAt);
    } catch (error) {
      // Out of reach: what is held serves on.
      if (!(error instanceof Unreachable)) this.#ports.fault("reading shared TURN credentials", error);
    }
    this.#firstLooked();
  }

  #take({ set, fails }: IceLook, askedAt: number): void {
    if (this.#closed) return;
    this.#fails = fails;
    if (set !== undefined) this.#held.take(set, askedAt);
    this.#judge();
  }

  #judge(): void {
    this.#turn?.cancel();
    const { left, life } = this.#held;
    const overdue = left - (life / 2 - longestLook(this.#times));
    // The end has a timer of its own, and so has the start. A millisecond more: then it is true.
    if (left > 0 && overdue >= 0) this.#turn = this.#ports.clock.after(overdue + 1, () => this.#judge());
    const now = { state: this.state, generation: this.generation };
    if (now.state === this.#told.state && now.generation === this.#told.generation) return;
    this.#told = now;
    this.#listeners.tell();
  }
}
