// A map whose values go by themselves.
import type { Clock } from "../ports/clock.ts";

const sweepEvery = 60_000;

export class Expiring<K, V> {
  readonly #clock: Clock;
  readonly #values = new Map<K, { readonly value: V; readonly until: number }>();
  #swept: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#swept = clock.now();
  }

  /** Gone `ttl` milliseconds from now; still there at that very millisecond. */
  set(key: K, value: V, ttl: number): void {
    const now = this.#clock.now();
    if (now - this.#swept >= sweepEvery) this.#sweep(now);
    this.#values.set(key, { value, until: now + ttl });
  }

  /** In place of what is there, until the same moment. */
  change(key: K, value: V): void {
    const there = this.#values.get(key);
    if (there !== undefined) this.#values.set(key, { value, until: there.until });
  }

  get(key: K): V | undefined {
    const there = this.#values.get(key);
    if (there === undefined) return undefined;
    if (there.until >= this.#clock.now()) return there.value;
    this.#values.delete(key);
    return undefined;
  }

  /** Milliseconds until the value goes; 0 when there is none. */
  leftOf(key: K): number {
    const there = this.#values.get(key);
    return there === undefined ? 0 : Math.max(0, there.until - this.#clock.now());
  }

  delete(key: K): void {
    this.#values.delete(key);
  }

  /** What is there now; called, it is there again, and nothing else. */
  remember(): () => void {
    const then = [...this.#values];
    return () => {
      this.#values.clear();
      for (const [key, value] of then) this.#values.set(key, value);
    };
  }

  clear(): void {
    this.#values.clear();
  }

  *keys(): Generator<K> {
    const now = this.#clock.now();
    for (const [key, { until }] of this.#values) if (until >= now) yield key;
  }

  *values(): Generator<V> {
    const now = this.#clock.now();
    for (const { value, until } of this.#values.values()) if (until >= now) yield value;
  }

  #sweep(now: number): void {
    this.#swept = now;
    for (const [key, { until }] of this.#values) if (until < now) this.#values.delete(key);
  }
}
