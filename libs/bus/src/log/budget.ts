// Bounds what one stream is asked at once: deep reads are dear, and slow its appends down.
import { Unreachable } from "@heliograph/core";

export class Budget {
  readonly #most: number;
  readonly #mostWaiting: number;
  #running = 0;
  #waiting: (() => void)[] = [];

  constructor(most: number, mostWaiting: number) {
    this.#most = most;
    this.#mostWaiting = mostWaiting;
  }

  /** Runs it when its turn has come, in the order of asking. Rejects with `Unreachable` when too many wait. */
  async spend<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#most) {
      if (this.#waiting.length >= this.#mostWaiting) throw new Unreachable("too many reads wait for this stream");
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running += 1;
    try {
      return await work();
    } finally {
      // Whoever waits next takes the place over, or it is free.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  get size(): number {
    return this.#running + this.#waiting.length;
  }
}
