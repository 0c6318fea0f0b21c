// How long to wait before the next attempt: exponential, with full jitter, so that a crowd does not come back at once.
import type { Random } from "./surroundings.ts";

const base = 250;
const cap = 15_000;

export class Backoff {
  readonly #random: Random;
  #failures = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Milliseconds until the next attempt; never less than what the server asked for. */
  next(atLeast = 0): number {
    const most = Math.min(cap, base * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    return atLeast + Math.floor(this.#random() * most);
  }

  reset(): void {
    this.#failures = 0;
  }
}
