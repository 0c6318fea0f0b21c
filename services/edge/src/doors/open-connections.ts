// The connections that are open at one door, and the moment when the last has gone.

export class OpenConnections<C> {
  readonly #all = new Set<C>();
  #emptied: (() => void) | undefined;

  get connections(): ReadonlySet<C> {
    return this.#all;
  }

  /** Calls once when no connection is open, at once if there is none. */
  onceEmpty(call: () => void): void {
    if (this.#all.size === 0) return call();
    this.#emptied = () => {
      this.#emptied = undefined;
      call();
    };
  }

  add(connection: C): void {
    this.#all.add(connection);
  }

  remove(connection: C): void {
    this.#all.delete(connection);
    if (this.#all.size === 0) this.#emptied?.();
  }
}
