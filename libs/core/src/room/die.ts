// Many small choices out of one large number, for tests only.

/** Draws small choices from one large number. */
export class Die {
  #left: number;

  constructor(number: number) {
    this.#left = number;
  }

  /** 0 when there is nothing to choose from. */
  below(bound: number): number {
    if (bound < 1) return 0;
    const drawn = this.#left % bound;
    this.#left = Math.floor(this.#left / bound);
    return drawn;
  }

  of<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.below(choices.length)] ?? choices[0];
  }
}
