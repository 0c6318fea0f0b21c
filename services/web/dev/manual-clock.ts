// A clock that stands still until it is moved: for tests.
import type { Clock } from "../src/clock.ts";

interface Alarm {
  due: number;
  readonly every?: number;
  readonly run: () => void;
}

export class ManualClock implements Clock {
  #now = 1_700_000_000_000;
  readonly #alarms = new Set<Alarm>();

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    return this.#set({ due: this.#now + ms, run });
  }

  every(ms: number, run: () => void): () => void {
    return this.#set({ due: this.#now + ms, every: ms, run });
  }

  /** Moves time on, ringing whatever falls due on the way, in order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = [...this.#alarms].sort((a, b) => a.due - b.due)[0];
      if (next === undefined || next.due > end) break;
      this.#now = next.due;
      if (next.every === undefined) this.#alarms.delete(next);
      else next.due += next.every;
      next.run();
    }
    this.#now = end;
  }

  #set(alarm: Alarm): () => void {
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }
}
