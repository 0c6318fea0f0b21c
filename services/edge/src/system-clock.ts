// Time of this process: timers of Node, and the end of a turn of the event loop.
import type { Clock, Timer } from "@heliograph/core";

export class SystemClock implements Clock {
  readonly #onFault: (error: unknown) => void;
  #ending: (() => void)[] = [];

  constructor(onFault: (error: unknown) => void) {
    this.#onFault = onFault;
  }

  now(): number {
    return Date.now();
  }

  after(ms: number, call: () => void): Timer {
    const timer = setTimeout(() => this.#guarded(call), ms);
    return { cancel: () => clearTimeout(timer) };
  }

  /** `setImmediate` runs when every socket that was ready has been read: that is the end of the turn. */
  endOfTurn(call: () => void): void {
    this.#ending.push(call);
    if (this.#ending.length === 1) setImmediate(this.#end);
  }

  readonly #end = (): void => {
    const ending = this.#ending;
    this.#ending = [];
    for (const call of ending) this.#guarded(call);
  };

  #guarded(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#onFault(error);
    }
  }
}
