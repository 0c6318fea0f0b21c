// A list of positions in the order of the log, three numbers each: rooms remember thousands of them.
import type { Position } from "@heliograph/protocol";

/**
 * Order across the lives of a log: the time never goes back, not even when the stream is lost and begins again, while
 * sequences do.
 */
export function compareInTime(a: Position, b: Position): number {
  return a.time - b.time || a.seq - b.seq || a.index - b.index;
}

const width = 3;

export class Positions {
  #numbers: number[] = [];
  /** Where the first one stands: what is dropped in front stays until half of the list is such rubble. */
  #start = 0;

  constructor(positions: readonly Position[] = []) {
    for (const position of positions) this.push(position);
  }

  get size(): number {
    return (this.#numbers.length - this.#start) / width;
  }

  push(position: Position): void {
    this.#numbers.push(position.seq, position.index, position.time);
  }

  dropFirst(): void {
    this.#start += width;
    if (this.#start * 2 < this.#numbers.length) return;
    this.#numbers.splice(0, this.#start);
    this.#start = 0;
  }

  dropBefore(time: number): void {
    while (this.#start < this.#numbers.length && (this.#numbers[this.#start + 2] ?? 0) < time) this.dropFirst();
  }

  /** The `i`th, oldest first; undefined beyond the ends. */
  at(i: number): Position | undefined {
    const from = this.#start + i * width;
    const [seq, index, time] = [this.#numbers[from], this.#numbers[from + 1], this.#numbers[from + 2]];
    if (i < 0 || seq === undefined || index === undefined || time === undefined) return undefined;
    return { seq, index, time };
  }

  has(position: Position): boolean {
    const found = this.at(this.countUpTo(position) - 1);
    return found !== undefined && compareInTime(found, position) === 0;
  }

  /** How many stand at or before the position. */
  countUpTo(position: Position): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const found = this.at(middle);
      if (found !== undefined && compareInTime(found, position) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  toCopy(): Position[] {
    const copy: Position[] = [];
    for (let i = 0; i < this.size; i += 1) {
      const position = this.at(i);
      if (position !== undefined) copy.push(position);
    }
    return copy;
  }
}
