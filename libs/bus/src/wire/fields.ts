// Reads a list of plain values field by field: what is missing or wrong is noted once, and judged at the end.
import type { PlainObject, PlainValue } from "@heliograph/codec";
import type { Outcome } from "@heliograph/protocol";

/** Fields are told apart by their place: newer versions add theirs behind the known ones, where older ones do not look. */
export class Fields {
  readonly #values: readonly PlainValue[];
  #at = 0;
  #sound = true;

  constructor(value: PlainValue | undefined) {
    const list = isList(value);
    this.#values = list ? value : [];
    this.#sound = list;
  }

  /** Whether everything asked for was there and right. */
  get sound(): boolean {
    return this.#sound;
  }

  next(): PlainValue | undefined {
    const value = this.#values[this.#at];
    this.#at += 1;
    return value;
  }

  /** A part that was read by itself turned out wrong. */
  spoil(): void {
    this.#sound = false;
  }

  text(): string {
    const value = this.next();
    if (typeof value === "string") return value;
    this.#sound = false;
    return "";
  }

  /** A whole number from 0. */
  count(): number {
    const value = this.next();
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
    this.#sound = false;
    return 0;
  }

  flag(): boolean {
    const value = this.next();
    if (typeof value === "boolean") return value;
    this.#sound = false;
    return false;
  }

  /** A value that only one parser makes. */
  by<T>(parse: (raw: unknown) => Outcome<T>): T | undefined {
    const outcome = parse(this.next());
    if (outcome.ok) return outcome.value;
    this.#sound = false;
    return undefined;
  }

  oneOf<T extends string>(words: readonly T[]): T | undefined {
    const value = this.next();
    const word = words.find((each) => each === value);
    if (word === undefined) this.#sound = false;
    return word;
  }

  list(): readonly PlainValue[] {
    const value = this.next();
    if (isList(value)) return value;
    this.#sound = false;
    return [];
  }

  /** Each element of a list by the same reader; unreadable ones are noted. */
  each<T>(read: (value: PlainValue) => T | undefined): readonly T[] {
    const result: T[] = [];
    for (const value of this.list()) {
      const element = read(value);
      if (element === undefined) this.#sound = false;
      else result.push(element);
    }
    return result;
  }

  texts(): readonly string[] {
    return this.each((value) => (typeof value === "string" ? value : undefined));
  }

  object(): PlainObject {
    const value = this.next();
    if (typeof value === "object" && value !== null && !isList(value)) return value;
    this.#sound = false;
    return {};
  }
}

/** Array.isArray does not narrow a union that holds a readonly array. */
export function isList(value: PlainValue | undefined): value is readonly PlainValue[] {
  return Array.isArray(value);
}
