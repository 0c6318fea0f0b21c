// Numbers what grants are made from, so that a later number is always news, whichever source served before.
import type { IceSource } from "./ice-source.ts";

interface Served {
  /** The source's own generation. */
  readonly of: number;
  /** The last of ours in which it was served. */
  readonly as: number;
}

/** Generations of a source that are remembered: only withdrawals look back, and not further than a login lives. */
const remembered = 64;

/**
 * Sources count each for themselves, and falling from one to another and climbing back must look like progress to a session
 * that holds a grant of either: so each change of what is served is the next number.
 */
export class Generations {
  #current = 1;
  #source: IceSource | undefined;
  #of = 0;
  readonly #served = new Map<IceSource, Served[]>();

  get current(): number {
    return this.#current;
  }

  /** What serves now; undefined: nothing. Whether it is something else than before. */
  serve(source: IceSource | undefined, of = 0): boolean {
    if (source === this.#source && of === this.#of) return false;
    this.#source = source;
    this.#of = of;
    this.next();
    return true;
  }

  /** What is served is news though it comes from the same set. */
  next(): void {
    this.#current += 1;
    if (this.#source === undefined) return;
    const served = this.#served.get(this.#source) ?? [];
    const others = served.filter(({ of }) => of !== this.#of).slice(1 - remembered);
    this.#served.set(this.#source, [...others, { of: this.#of, as: this.#current }]);
  }

  /** The last of our generations that was made from the source's generations up to that one. */
  lastServed(source: IceSource, upTo: number): number | undefined {
    const served = this.#served.get(source)?.filter(({ of }) => of <= upTo) ?? [];
    return served.length === 0 ? undefined : Math.max(...served.map(({ as }) => as));
  }

  forget(source: IceSource): void {
    this.#served.delete(source);
  }
}
