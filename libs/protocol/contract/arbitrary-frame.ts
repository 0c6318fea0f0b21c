// Draws values from our schemas, so that property tests meet every frame that may come and not only those we thought of.

import { formatPosition } from "@heliograph/protocol";
import type { Shape } from "@heliograph/protocol/schema";
import fc from "fast-check";
import type { TSchema } from "typebox";

export const arbitraryPosition = fc
  .record({ seq: fc.maxSafeNat(), index: fc.nat({ max: 4096 }), time: fc.maxSafeNat() })
  .map(formatPosition);

const pictures = fc.constantFrom(
  "https://example.org/ann.png",
  "http://example.org/bob?size=64",
  "data:image/png;base64,iVBORw0KGgo=",
  "data:image/webp;base64,UklGRg==",
);

/** A value that the schema allows, and, where a string is bounded in bytes as well, one that keeps to these. */
export function arbitraryOf(schema: TSchema): fc.Arbitrary<unknown> {
  const shape: Shape = schema;
  if (shape.anyOf !== undefined) return fc.oneof(...shape.anyOf.map(arbitraryOf));
  if (shape.const !== undefined) return fc.constant(shape.const);
  if (shape.enum !== undefined) return fc.constantFrom(...shape.enum);
  switch (shape.type) {
    case "object":
      return arbitraryObject(shape);
    case "array":
      return fc.array(arbitraryOf(shape.items ?? {}), {
        minLength: shape.minItems ?? 0,
        maxLength: Math.min(shape.maxItems ?? 4, 4),
      });
    case "string":
      return arbitraryString(shape);
    case "integer":
      return fc.oneof(
        fc.integer({ min: shape.minimum ?? 0, max: Math.min(shape.maximum ?? 100, (shape.minimum ?? 0) + 100) }),
        fc.constantFrom(shape.minimum ?? 0, shape.maximum ?? 1_000_000),
      );
    case "number":
      return fc.double({ min: shape.minimum ?? 0, max: shape.maximum ?? 1e9, noNaN: true });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    default:
      return fc.jsonValue();
  }
}

function arbitraryObject(shape: Shape): fc.Arbitrary<unknown> {
  if (shape.additionalProperties !== undefined) {
    return fc.dictionary(fc.constantFrom("de", "en-GB", "constructor"), arbitraryOf(shape.additionalProperties), {
      noNullPrototype: true,
    });
  }
  const members = Object.entries(shape.properties ?? {}).filter(([, member]) => member.not === undefined);
  return fc.record(Object.fromEntries(members.map(([key, member]) => [key, arbitraryOf(member)])), {
    requiredKeys: members.map(([key]) => key).filter((key) => shape.required?.includes(key)),
    noNullPrototype: true,
  });
}

function arbitraryString(shape: Shape): fc.Arbitrary<string> {
  if (shape.title === "Position") return arbitraryPosition;
  if (shape.pattern?.includes("data:image")) return pictures;
  const pattern = shape.pattern === undefined ? undefined : new RegExp(shape.pattern, "u");
  return fc
    .string({
      // Every code point but halves of surrogate pairs; at most four bytes each, so 64 of them fit every bound in bytes.
      unit: "binary",
      minLength: shape.minLength ?? 0,
      maxLength: Math.min(shape.maxLength ?? 64, 64),
    })
    .map((text) => (pattern === undefined || pattern.test(text) ? text : text.replace(/\p{Cc}/gu, "x")));
}

/** A value with one place in it put out of order: a member removed, replaced by anything at all, or added. */
export function arbitraryDamage(value: unknown): fc.Arbitrary<unknown> {
  return fc.tuple(fc.nat(), hostile, fc.constantFrom("replace", "remove", "add")).map(([place, poison, how]) => {
    const copy = structuredClone(value);
    const places = placesOf(copy);
    const spot = places[place % Math.max(places.length, 1)];
    if (spot === undefined) return poison;
    // No codec makes lists with holes, so what goes from a list leaves none.
    if (how === "remove" && Array.isArray(spot.holder)) spot.holder.splice(Number(spot.key), 1);
    else if (how === "remove") Reflect.deleteProperty(spot.holder, spot.key);
    else Reflect.set(spot.holder, how === "add" ? `${spot.key}_` : spot.key, poison);
    return copy;
  });
}

/** What is sent by those who wish us ill, besides values of every type. */
export const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    Number.MAX_SAFE_INTEGER + 1,
    1.5,
    0,
    -0,
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e308,
    "",
    "\ud800",
    "a\u0000b",
    "x".repeat(100_000),
    "__proto__",
    "constructor",
    null,
    undefined,
    true,
    [],
    {},
    [[[[]]]],
    { ["__proto__"]: { type: "hello", n: 1 }, constructor: { prototype: null } },
    10n,
    new Uint8Array(4),
    new Date(0),
  ),
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withTypedArray: true }),
);

interface Place {
  readonly holder: object;
  readonly key: string;
}

function placesOf(value: unknown): readonly Place[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [{ holder: value, key }, ...placesOf(member)]);
}
