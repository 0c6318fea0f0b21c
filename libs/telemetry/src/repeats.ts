// Says at once what happens for the first time, and what goes on happening once a minute with a count.
import type { Clock, Timer } from "@heliograph/core";

export const period = 60_000;
/** Different things told apart at once; what comes beyond is counted together, so that nobody fills the memory. */
const mostKeys = 256;
const rest = "";

interface Series {
  readonly timer: Timer;
  /** Since it was last said. */
  count: number;
  /** How to say the latest. */
  say: (count: number) => void;
}

export class Repeats {
  readonly #clock: Pick<Clock, "after">;
  readonly #series = new Map<string, Series>();

  constructor(clock: Pick<Clock, "after">) {
    this.#clock = clock;
  }

  /** `say` is called at once, or at the end of the period for the latest of its key, with how many there were. */
  happened(key: string, say: (count: number) => void): void {
    const own = this.#series.get(key);
    const kept = own !== undefined || this.#series.size < mostKeys ? key : rest;
    const series = own ?? this.#series.get(kept);
    if (series === undefined) {
      this.#begin(kept, say);
      say(1);
      return;
    }
    series.count += 1;
    series.say = say;
  }

  /** Says what was counted and not yet said. */
  close(): void {
    for (const series of this.#series.values()) {
      series.timer.cancel();
      if (series.count > 0) series.say(series.count);
    }
    this.#series.clear();
  }

  #begin(key: string, say: (count: number) => void): void {
    const timer = this.#clock.after(period, () => this.#ended(key));
    this.#series.set(key, { timer, count: 0, say });
  }

  #ended(key: string): void {
    const series = this.#series.get(key);
    this.#series.delete(key);
    if (series === undefined || series.count === 0) return;
    this.#begin(key, series.say);
    series.say(series.count);
  }
}
