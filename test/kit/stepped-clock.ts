// Real time that a test can also move on, and that tells how many timers are waiting.
import type { Clock, Timer } from "@heliograph/core";

interface Waiting {
  readonly due: number;
  readonly call: () => void;
  readonly timeout: NodeJS.Timeout;
}

export class SteppedClock implements Clock {
  readonly faults: unknown[] = [];
  readonly #waiting = new Set<Waiting>();
  #ahead = 0;

  now(): number {
    return Date.now() + this.#ahead;
  }

  after(ms: number, call: () => void): Timer {
    const one: Waiting = { due: this.now() + ms, call, timeout: setTimeout(() => this.#run(one), ms) };
    this.#waiting.add(one);
    return { cancel: () => this.#take(one) };
  }

  endOfTurn(call: () => void): void {
    setImmediate(() => this.#guarded(call));
  }

  get pending(): number {
    return this.#waiting.size;
  }

  /** Moves on second by second, letting everything happen that each second brings. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1_000) {
      this.#ahead += Math.min(left, 1_000);
      const now = this.now();
      for (const one of [...this.#waiting].toSorted((a, b) => a.due - b.due)) if (one.due <= now) this.#run(one);
      for (let turn = 0; turn < 3; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  #run(one: Waiting): void {
    if (this.#take(one)) this.#guarded(one.call);
  }

  #take(one: Waiting): boolean {
    clearTimeout(one.timeout);
    return this.#waiting.delete(one);
  }

  #guarded(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.faults.push(error);
    }
  }
}
