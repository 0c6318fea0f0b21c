// Time of this process: timers of Node.js, and the end of a turn of the event loop.
import type { Clock, Timer } from "@heliograph/core";

/** Node.js calls at once what is further away than its 32 bits can say: 24 days. */
const longest = 2 ** 31 - 1;

/**
 * Its timers do not keep the process alive: what a service waits for is its sockets. One that nobody cancelled, such as
 * the sweeping of a log in memory, would otherwise hold a stopped service for minutes.
 */
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
    if (ms > longest) return this.#inSteps(ms, call);
    const timer = setTimeout(() => this.#guarded(call), ms).unref();
    return { cancel: () => clearTimeout(timer) };
  }

  /** `setImmediate` runs when every socket that was ready has been read: that is the end of the turn. */
  endOfTurn(call: () => void): void {
    this.#ending.push(call);
    if (this.#ending.length === 1) setImmediate(this.#end);
  }

  #inSteps(ms: number, call: () => void): Timer {
    let step = this.after(longest, () => {
      step = this.after(ms - longest, call);
    });
    return { cancel: () => step.cancel() };
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
