// Which of a member's commands were applied: the highest counter, and the 64 below it.
import type { MarkCopy } from "./copy.ts";

export type MarkVerdict = "new" | "applied" | "skipped" | "too_old";

export class Mark {
  #n: number;
  #low: number;
  #high: number;

  constructor(copy: MarkCopy = { n: 0, low: 0, high: 0 }) {
    this.#n = copy.n;
    this.#low = copy.low;
    this.#high = copy.high;
  }

  /** The highest counter that was applied; 0 before the first. */
  get n(): number {
    return this.#n;
  }

  judge(n: number): MarkVerdict {
    if (n > this.#n) return "new";
    if (n === this.#n) return "applied";
    const below = this.#n - n - 1;
    if (below >= 64) return "too_old";
    const bit = below < 32 ? (this.#low >>> below) & 1 : (this.#high >>> (below - 32)) & 1;
    return bit === 1 ? "applied" : "skipped";
  }

  /** Counts `n` as applied; only for an `n` judged new. */
  apply(n: number): void {
    const by = n - this.#n;
    this.#shift(by);
    // The former highest becomes one of the 64 below, unless nothing had been applied.
    if (this.#n > 0 && by <= 64) {
      const below = by - 1;
      if (below < 32) this.#low = (this.#low | (1 << below)) >>> 0;
      else this.#high = (this.#high | (1 << (below - 32))) >>> 0;
    }
    this.#n = n;
  }

  toCopy(): MarkCopy {
    return { n: this.#n, low: this.#low, high: this.#high };
  }

  #shift(by: number): void {
    if (by >= 64) {
      this.#low = 0;
      this.#high = 0;
    } else if (by >= 32) {
      this.#high = by === 32 ? this.#low : (this.#low << (by - 32)) >>> 0;
      this.#low = 0;
    } else {
      this.#high = ((this.#high << by) | (this.#low >>> (32 - by))) >>> 0;
      this.#low = (this.#low << by) >>> 0;
    }
  }
}
