// Makes a JSON value of what the application gives, before it is kept for sending: a copy, alike in every codec.

/**
 * As JSON.stringify reads values (ECMA-262 section 25.5.2): `toJSON` is asked, absent members are left out, absent
 * elements and numbers that are not finite become null. Throws a TypeError for what JSON cannot say, where stringify
 * would leave it out in silence, and a RangeError for what never ends.
 */
export function plain(value: unknown): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "undefined":
      return value;
    case "number":
      return Number.isFinite(value) ? value : null;
    case "object":
      return value === null ? null : plainObject(value);
    default:
      throw new TypeError(`A ${typeof value} cannot be sent.`);
  }
}

function plainObject(value: object): unknown {
  if ("toJSON" in value && typeof value.toJSON === "function") return plain(value.toJSON());
  if (Array.isArray(value)) return value.map((element) => plain(element) ?? null);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof Map || value instanceof Set) {
    throw new TypeError(`A ${value.constructor.name} cannot be sent.`);
  }
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    const kept = plain(member);
    // Defined, not assigned: `__proto__` must stay a name like any other, for the codec to refuse.
    if (kept !== undefined) Object.defineProperty(copy, key, { value: kept, enumerable: true, configurable: true });
  }
  return copy;
}
