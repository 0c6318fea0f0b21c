// Time that moves only when a test says so.
import type { Clock } from "../src/surroundings.ts";

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly call: () => void;
}

export class VirtualClock implements Clock {
  #now = 0;
  #order = 0;
  #timers: Timer[] = [];

  now(): number {
    return this.#now;
  }

  get waiting(): number {
    return this.#timers.length;
  }

  after(delay: number, call: () => void): () => void {
    this.#order += 1;
    const timer: Timer = { at: this.#now + delay, order: this.#order, call };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  /** Runs what falls due, one timer after the other, and lets promises settle before each. */
  async advance(milliseconds: number, enough: () => boolean = () => false): Promise<void> {
    const until = this.#now + milliseconds;
    for (;;) {
      await settled();
      if (enough()) return;
      const next = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((each) => each !== next);
      this.#now = Math.max(this.#now, next.at);
      next.call();
    }
    this.#now = until;
  }

  /** Moves on until the promise is settled; fails after so much virtual time. */
  async until<T>(promise: Promise<T>, most = 120_000): Promise<T> {
    let over = false;
    promise.then(
      () => {
        over = true;
      },
      () => {
        over = true;
      },
    );
    // No further than that, as a program that awaits goes on before the next thing happens.
    await this.advance(most, () => over);
    if (!over) throw new Error(`Nothing came within ${most} virtual milliseconds.`);
    return await promise;
  }
}

/** Every promise that can go on has gone on. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
