// Reads the members of a document whose shape is fixed: absent and null are the zero value, a wrong type is a fault.

/** Of one document and the parts inside it: the first member that had a wrong type. */
interface Fault {
  at?: string;
}

export class Fields {
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #fault: Fault;

  private constructor(value: Readonly<Record<string, unknown>>, path: string, fault: Fault) {
    this.#value = value;
    this.#path = path;
    this.#fault = fault;
  }

  /** Undefined: not an object. */
  static of(value: unknown, path: string): Fields | undefined {
    return isObject(value) ? new Fields(value, path, {}) : undefined;
  }

  /** The path of the first member with a wrong type; undefined: all that were asked for are right. */
  get fault(): string | undefined {
    return this.#fault.at;
  }

  has(key: string): boolean {
    return this.any(key) !== null;
  }

  /** Whatever it is; absent: null. */
  any(key: string): unknown {
    return Object.hasOwn(this.#value, key) ? (this.#value[key] ?? null) : null;
  }

  text(key: string): string {
    const value = this.any(key);
    if (value === null) return "";
    return typeof value === "string" ? value : this.#wrong(key, "");
  }

  flag(key: string): boolean {
    const value = this.any(key);
    if (value === null) return false;
    return typeof value === "boolean" ? value : this.#wrong(key, false);
  }

  /** A whole number from 0. */
  count(key: string): number {
    const value = this.any(key);
    if (value === null) return 0;
    // Plus zero, since minus zero passes for one.
    return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value + 0 : this.#wrong(key, 0);
  }

  number(key: string): number {
    const value = this.any(key);
    if (value === null) return 0;
    return typeof value === "number" && Number.isFinite(value) ? value + 0 : this.#wrong(key, 0);
  }

  texts(key: string): readonly string[] {
    const value = this.any(key);
    if (value === null) return [];
    if (!Array.isArray(value)) return this.#wrong(key, []);
    const list: readonly unknown[] = value;
    const texts: string[] = [];
    for (const item of list) {
      if (item !== null && typeof item !== "string") return this.#wrong(key, []);
      texts.push(item ?? "");
    }
    return texts;
  }

  /** An object of free shape, passed on as it is; undefined: absent. */
  object(key: string): PlainObject | undefined {
    const value = this.any(key);
    if (value === null) return undefined;
    return isObject(value) ? value : this.#wrong(key, undefined);
  }

  /** A part of fixed shape; undefined: absent. */
  part(key: string): Fields | undefined {
    const value = this.object(key);
    return value === undefined ? undefined : new Fields(value, this.#at(key), this.#fault);
  }

  #at(key: string): string {
    return this.#path === "" ? key : `${this.#path}.${key}`;
  }

  #wrong<Zero>(key: string, zero: Zero): Zero {
    this.#fault.at ??= this.#at(key);
    return zero;
  }
}

export type PlainObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is PlainObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
