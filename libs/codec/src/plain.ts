// Plain values: what every codec can say, and the check that a value read from bytes is nothing else.

export type PlainValue = null | boolean | number | string | readonly PlainValue[] | PlainObject;

export interface PlainObject {
  readonly [key: string]: PlainValue;
}

/**
 * Counts the members and elements of a value at all levels; -1 when it holds something no codec accepts. A parser that
 * keeps the last of two equal names ends with fewer members than its bytes had, so this count also finds duplicates.
 */
export function census(value: PlainValue): number {
  // Half a surrogate pair cannot be written in UTF-8, but as an escape in JSON.
  if (typeof value === "string") return value.isWellFormed() ? 0 : -1;
  if (typeof value === "number") return Number.isFinite(value) ? 0 : -1;
  if (value === null || typeof value === "boolean") return 0;
  let count = 0;
  if (isArray(value)) {
    for (const element of value) {
      const inside = census(element);
      if (inside < 0) return -1;
      count += inside + 1;
    }
    return count;
  }
  for (const key of Object.keys(value)) {
    const member = value[key];
    // A parser may make `__proto__` an own name; the first plain assignment behind us would make it a prototype.
    if (member === undefined || key === "__proto__" || !key.isWellFormed()) return -1;
    const inside = census(member);
    if (inside < 0) return -1;
    count += inside + 1;
  }
  return count;
}

/** Array.isArray does not narrow a union that holds a readonly array. */
function isArray(value: readonly PlainValue[] | PlainObject): value is readonly PlainValue[] {
  return Array.isArray(value);
}
