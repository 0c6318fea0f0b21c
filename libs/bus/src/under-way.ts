// What is under way, by its running number: thousands come and go every second, and nothing of them may stay behind.

/** After it they begin again at 1: none that old is under way. */
export const lastNumber = 2 ** 32 - 1;

/** Places at first; a power of two, as ever after. */
const fewest = 64;

/**
 * A Map would do, and does not: when V8 makes it anew after so many deletions, the old table points to the new one with
 * all that it held. One that has grown old so keeps every later one, until the next full collection: measured, a fifth of
 * all that an edge allocated lived on like that, and each scavenge copied it for 5 ms.
 *
 * Numbers are whole, from 1 to `lastNumber`, and count up, so that nearly each finds its own place free.
 */
export class UnderWay<T> {
  /** 0: a free place. A number stands at its own place, or behind it without a free one between (linear probing). */
  #numbers = new Uint32Array(fewest);
  #things: (T | undefined)[] = new Array<T | undefined>(fewest).fill(undefined);
  #size = 0;
  #last = 0;

  /** The number of what is under way next. */
  next(): number {
    this.#last = this.#last >= lastNumber ? 1 : this.#last + 1;
    return this.#last;
  }

  get size(): number {
    return this.#size;
  }

  set(number: number, thing: T): void {
    if (this.#size * 2 >= this.#numbers.length) this.#grow();
    const at = this.#placeOf(number);
    if (this.#numbers[at] === 0) this.#size += 1;
    this.#numbers[at] = number;
    this.#things[at] = thing;
  }

  get(number: number): T | undefined {
    return this.#things[this.#placeOf(number)];
  }

  delete(number: number): void {
    let free = this.#placeOf(number);
    if (this.#numbers[free] === 0) return;
    this.#size -= 1;
    const last = this.#numbers.length - 1;
    // What stands behind moves up, unless it would then stand before its own place.
    for (let at = (free + 1) & last; this.#numbers[at] !== 0; at = (at + 1) & last) {
      const other = this.#numbers[at] ?? 0;
      if (((at - other) & last) < ((at - free) & last)) continue;
      this.#numbers[free] = other;
      this.#things[free] = this.#things[at];
      free = at;
    }
    this.#numbers[free] = 0;
    this.#things[free] = undefined;
  }

  clear(): void {
    this.#numbers.fill(0);
    this.#things.fill(undefined);
    this.#size = 0;
  }

  /** As they are now, whatever becomes of them meanwhile; in the order of their numbers. */
  all(): T[] {
    const found: { readonly number: number; readonly thing: T }[] = [];
    for (const [at, number] of this.#numbers.entries()) {
      const thing = this.#things[at];
      if (number !== 0 && thing !== undefined) found.push({ number, thing });
    }
    return found.sort((a, b) => a.number - b.number).map(({ thing }) => thing);
  }

  /** Where the number stands, or would. Half of all places are free, so this ends. */
  #placeOf(number: number): number {
    const last = this.#numbers.length - 1;
    let at = number & last;
    while (this.#numbers[at] !== number && this.#numbers[at] !== 0) at = (at + 1) & last;
    return at;
  }

  #grow(): void {
    const [numbers, things] = [this.#numbers, this.#things];
    this.#numbers = new Uint32Array(numbers.length * 2);
    this.#things = new Array<T | undefined>(numbers.length * 2).fill(undefined);
    for (const [at, number] of numbers.entries()) {
      if (number === 0) continue;
      const to = this.#placeOf(number);
      this.#numbers[to] = number;
      this.#things[to] = things[at];
    }
  }
}
