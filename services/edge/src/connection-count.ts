// How many connections each address holds: one client must not take every socket there is.

export class ConnectionCount {
  #most: number;
  readonly #held = new Map<string, number>();

  /** `most` per address; 0: no bound. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Addresses that hold any: zero when all are gone. */
  get size(): number {
    return this.#held.size;
  }

  /** Those who hold more already keep what they have. */
  allow(most: number): void {
    this.#most = most;
  }

  full(address: string): boolean {
    return this.#most > 0 && (this.#held.get(address) ?? 0) >= this.#most;
  }

  add(address: string): void {
    this.#held.set(address, (this.#held.get(address) ?? 0) + 1);
  }

  remove(address: string): void {
    const held = (this.#held.get(address) ?? 0) - 1;
    if (held > 0) this.#held.set(address, held);
    else this.#held.delete(address);
  }
}
