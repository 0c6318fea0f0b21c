// The clock of a machine that is wrong by hours, or jumps: timers go on, what it calls the time is nonsense.
import type { Clock, Timer } from "@heliograph/core";
import { SystemClock } from "@heliograph/system";

export class WrongClock implements Clock {
  readonly #right: SystemClock;
  #ahead: number;

  constructor(ahead: number, failed: (error: unknown) => void) {
    this.#right = new SystemClock(failed);
    this.#ahead = ahead;
  }

  /** Set anew while everything runs. */
  jump(by: number): void {
    this.#ahead += by;
  }

  now(): number {
    return this.#right.now() + this.#ahead;
  }

  after(ms: number, call: () => void): Timer {
    return this.#right.after(ms, call);
  }

  endOfTurn(call: () => void): void {
    this.#right.endOfTurn(call);
  }
}
