// Lets clients in a few at a time: each costs several signatures, and a crowd that comes at once would keep everybody waiting.
import type { Clock } from "@heliograph/core";

/** In one turn of the loop: about 10 ms of work (measured: 667 that came in one turn took 130 ms). */
const perTurn = 50;

/** Whoever comes. Neither method may throw. */
export interface Comer {
  open(): unknown;
}

export class Openings {
  readonly #clock: Pick<Clock, "endOfTurn">;
  /** In order of their coming. */
  readonly #waiting = new Set<Comer>();
  #opened = 0;
  #scheduled = false;

  constructor(clock: Pick<Clock, "endOfTurn">) {
    this.#clock = clock;
  }

  /** Clients that are still outside; bounded by the connections that addresses may hold. */
  get size(): number {
    return this.#waiting.size;
  }

  /** At once, unless many have come in this turn. */
  add(comer: Comer): void {
    if (this.#opened < perTurn && this.#waiting.size === 0) this.#open(comer);
    else this.#waiting.add(comer);
  }

  /** It has gone, or was never outside. */
  remove(comer: Comer): void {
    this.#waiting.delete(comer);
  }

  #open(comer: Comer): void {
    this.#opened += 1;
    if (!this.#scheduled) {
      this.#scheduled = true;
      this.#clock.endOfTurn(this.#next);
    }
    comer.open();
  }

  readonly #next = (): void => {
    this.#scheduled = false;
    this.#opened = 0;
    for (const comer of this.#waiting) {
      if (this.#opened === perTurn) return;
      this.#waiting.delete(comer);
      this.#open(comer);
    }
  };
}
