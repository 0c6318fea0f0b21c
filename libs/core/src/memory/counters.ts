// Counts that expire, shared by the nodes of a cluster in memory.
import type { Counters } from "../ports/counters.ts";
import type { Expiring } from "./expiring.ts";
import type { Reach } from "./reach.ts";

export class MemoryCounters implements Counters {
  readonly #reach: Reach;
  readonly #counts: Expiring<string, number>;

  constructor(reach: Reach, counts: Expiring<string, number>) {
    this.#reach = reach;
    this.#counts = counts;
  }

  add(key: string, windowMs: number): Promise<{ readonly count: number; readonly resetIn: number }> {
    return this.#reach.ask(() => {
      const before = this.#counts.get(key);
      // The window starts with the first count and is never prolonged.
      if (before === undefined) this.#counts.set(key, 1, windowMs);
      else this.#counts.change(key, before + 1);
      return this.#present(key);
    });
  }

  peek(key: string): Promise<{ readonly count: number; readonly resetIn: number }> {
    return this.#reach.ask(() => this.#present(key));
  }

  clear(key: string): Promise<void> {
    return this.#reach.ask(() => this.#counts.delete(key));
  }

  #present(key: string): { readonly count: number; readonly resetIn: number } {
    const count = this.#counts.get(key) ?? 0;
    return { count, resetIn: count === 0 ? 0 : this.#counts.leftOf(key) };
  }
}
