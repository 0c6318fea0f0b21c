// Arbitrary plain values for the codecs' property tests: everything a codec must carry, and nothing else.
import fc from "fast-check";
import type { DecodeLimits } from "../src/codec.ts";
import type { PlainObject, PlainValue } from "../src/plain.ts";

/** Caps that no test reaches unless it sets its own. */
export const wide: DecodeLimits = { maxBytes: 8_000_000, maxDepth: 64, maxKeys: 1_000_000 };

const text = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.constantFrom(
    '{"body":1}',
    '"',
    "\\",
    '\\"',
    "}",
    "]",
    "a".repeat(31),
    "b".repeat(32),
    "c".repeat(256),
    "\u2028",
    "\ufeff",
  ),
);

export const keyText = fc
  .oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom("body", "type", "n", "a", "constructor", "toString", "toJSON", "0", "-1", ""),
    },
    { weight: 1, arbitrary: text },
  )
  .filter((key) => key !== "__proto__");

/** Minus zero is left out: codecs write it as zero, and a test of its own says so. */
const number = fc
  .oneof(
    fc.integer(),
    fc.integer({ min: -300, max: 300 }),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53, 2 ** 60, 2 ** 64, -(2 ** 31), -(2 ** 63), 1e308, 5e-324),
  )
  .map((value) => (value === 0 ? 0 : value));

const tree = fc.letrec<{ value: PlainValue; object: PlainObject; array: readonly PlainValue[] }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(null, true, false),
    number,
    text,
    tie("object"),
    tie("array"),
  ),
  object: fc.dictionary(keyText, tie("value"), { maxKeys: 18, noNullPrototype: true }),
  array: fc.array(tie("value"), { maxLength: 18 }),
}));

export const plainValue = tree.value;
export const plainObject = tree.object;

/** Shaped like what clients send. */
export const frameLike: fc.Arbitrary<PlainObject> = fc.record({
  type: fc.constantFrom("signal", "join", "ping"),
  n: fc.nat(),
  room: fc.string({ maxLength: 12 }),
  body: plainValue,
});
