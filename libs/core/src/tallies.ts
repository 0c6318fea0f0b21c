// Counts in fixed windows that the whole cluster shares, looked at here without waiting for it.
import type { Clock } from "./ports/clock.ts";
import type { Counters } from "./ports/counters.ts";

/** Keys that a node keeps in mind; beyond, whoever has been quiet for longest is forgotten. */
const mostTallies = 20_000;

/** What this node knows of one key. */
interface Tally {
  readonly count: number;
  /** Local time at which the count starts again. */
  readonly until: number;
}

export interface TalliesOptions {
  /** What a count is worth while the shared memory is out of reach: this node's own, or nothing. */
  readonly alone: "own" | "nothing";
}

/**
 * Nobody who is counted waits for the counters. So each count is kept here, at once: a thousand that come in one burst
 * are not all let through before the first is counted. And it is counted behind the answer for all nodes: what they have
 * seen together closes the door here too.
 */
export class Tallies {
  readonly #counters: Counters;
  readonly #clock: Pick<Clock, "now">;
  readonly #alone: TalliesOptions["alone"];
  /** Whoever was counted last stands last. */
  readonly #tallies = new Map<string, Tally>();

  constructor(counters: Counters, clock: Pick<Clock, "now">, { alone }: TalliesOptions) {
    this.#counters = counters;
    this.#clock = clock;
    this.#alone = alone;
  }

  /** Milliseconds until the key may be counted once more, being counted at most `most` times per `window`; 0: now. */
  waitFor(key: string, most: number, window: number): number {
    const now = this.#clock.now();
    const tally = this.#present(key, now);
    if (tally === undefined || tally.count < most) return 0;
    // A clock that was set back shuts nobody out for longer than a window.
    return Math.min(tally.until - now, window);
  }

  count(key: string, window: number): void {
    const now = this.#clock.now();
    const { count, until } = this.#present(key, now) ?? { count: 0, until: now + window };
    this.#keep(key, { count: count + 1, until });
    this.#counters.add(key, window).then(
      (all) => this.#learn(key, all.count, all.resetIn),
      () => {
        // Out of reach: what was counted at other nodes is missing for a while.
        if (this.#alone === "nothing") this.#tallies.delete(key);
      },
    );
  }

  #learn(key: string, count: number, resetIn: number): void {
    const now = this.#clock.now();
    const own = this.#present(key, now)?.count ?? 0;
    if (count > own) this.#keep(key, { count, until: now + resetIn });
  }

  #present(key: string, now: number): Tally | undefined {
    const tally = this.#tallies.get(key);
    if (tally === undefined || tally.until > now) return tally;
    this.#tallies.delete(key);
    return undefined;
  }

  #keep(key: string, tally: Tally): void {
    this.#tallies.delete(key);
    this.#tallies.set(key, tally);
    if (this.#tallies.size <= mostTallies) return;
    const [quietest] = this.#tallies.keys();
    if (quietest !== undefined) this.#tallies.delete(quietest);
  }
}
