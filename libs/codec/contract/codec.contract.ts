// What every codec promises, as one suite; an implementation's test is its name, a constructor and a way to write hostile frames.
// biome-ignore lint/correctness/noNodejsModules: tests run in Node, and nothing outside tests imports this file
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Codec, DecodeLimits } from "../src/codec.ts";
import type { PlainObject, PlainValue } from "../src/plain.ts";
import { frameLike, keyText, plainObject, plainValue, wide } from "./values.ts";

/** Frames that no `encode` of ours would write. */
export interface HostileWriter {
  /** Arrays inside one another, so many levels. */
  nested(levels: number): Uint8Array;
  /** One object with these members, in this order, names repeated if they are. */
  object(members: readonly (readonly [string, PlainValue])[]): Uint8Array;
}

export function codecContract(name: string, makeCodec: (limits: DecodeLimits) => Codec, hostile: HostileWriter): void {
  // The fuzz tests take seconds, and several times that beside other files on a small machine.
  describe(`the codec contract, kept by ${name}`, { timeout: 60_000 }, () => {
    const codec = makeCodec(wide);

    test("whatever it writes it reads back", () => {
      fc.assert(
        fc.property(plainValue, (value) => {
          expectSame(read(codec, codec.encode(value)), value);
        }),
        { numRuns: 2_000 },
      );
    });

    test("large frames are written and read like small ones", () => {
      for (const length of [100, 1_000, 1_400, 4_999, 5_001, 16_383, 16_385, 70_000, 300_000]) {
        const value = { n: length, body: { text: "a".repeat(length - 1), wide: "\u20ac".repeat(length) } };
        expectSame(read(codec, codec.encode(value)), value);
      }
    });

    test("minus zero is written as zero", () => {
      expect(Object.is(read(codec, codec.encode(-0)), 0)).toBe(true);
    });

    test("what was written earlier is never written over", () => {
      const frames = Array.from({ length: 3_000 }, (_, n) => ({ n, text: "x".repeat(n % 400) }));
      const written = frames.map((frame, n) =>
        n % 2 === 0 ? codec.encode(frame) : codec.splice({ n }, "text", codec.encode(frame.text)),
      );
      frames.forEach((frame, n) => {
        expectSame(read(codec, written[n] ?? new Uint8Array()), frame);
      });
    });

    test("what it writes is a Uint8Array and nothing more, in every runtime", () => {
      expect(Object.getPrototypeOf(codec.encode({ a: 1 }))).toBe(Uint8Array.prototype);
      expect(Object.getPrototypeOf(codec.splice({ a: 1 }, "b", codec.encode(2)))).toBe(Uint8Array.prototype);
    });

    test("arbitrary bytes never throw", () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 64 }), keyText, (bytes, key) => {
          checkAgreement(codec, bytes, key);
        }),
        { numRuns: 20_000 },
      );
    });

    test("damaged frames never throw, and what is still accepted is sliced as it is read", () => {
      const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom("set", "insert", "remove", "repeat")), {
        minLength: 1,
        maxLength: 4,
      });
      fc.assert(
        fc.property(frameLike, damage, keyText, (frame, wounds, key) => {
          checkAgreement(codec, wound(codec.encode(frame), wounds), key);
        }),
        { numRuns: 10_000 },
      );
    });

    test("every frame cut short, and every frame with something behind it, is malformed", () => {
      fc.assert(
        fc.property(plainObject, (value) => {
          const bytes = codec.encode(value);
          for (let length = 0; length < bytes.length; length += 1 + (length >> 4)) {
            expectRefused(codec, bytes.slice(0, length), "malformed");
          }
          expectRefused(codec, join(bytes, codec.encode(1)), "malformed");
          expectRefused(codec, join(bytes, bytes), "malformed");
        }),
        { numRuns: 300 },
      );
      expectRefused(codec, new Uint8Array(), "malformed");
    });

    test("a frame of as many bytes as allowed is read, one more is too large", () => {
      const bytes = codec.encode({ text: "a".repeat(50) });
      expect(makeCodec({ ...wide, maxBytes: bytes.length }).decode(bytes).ok).toBe(true);
      expectRefused(makeCodec({ ...wide, maxBytes: bytes.length - 1 }), bytes, "too_large");
    });

    test("nesting as deep as allowed is read, one level more is too large, and 60,000 levels are no danger", () => {
      const shallow = makeCodec({ ...wide, maxDepth: 8 });
      expect(shallow.decode(hostile.nested(8)).ok).toBe(true);
      for (const levels of [9, 10, 1_000, 60_000]) expectRefused(shallow, hostile.nested(levels), "too_large");
      expectRefused(shallow, hostile.nested(60_000).slice(0, 30_000), "too_large");
      expect(() => shallow.slice(hostile.nested(60_000), "body")).not.toThrow();
      const objects = shallow.encode({ a: [{ b: [{ c: [{ d: {} }] }] }] });
      expect(shallow.decode(objects).ok).toBe(true);
      expectRefused(shallow, shallow.encode({ a: [{ b: [{ c: [{ d: [{}] }] }] }] }), "too_large");
    });

    test("siblings are not levels", () => {
      const shallow = makeCodec({ ...wide, maxDepth: 2 });
      const siblings = { a: [], b: {}, c: [1], d: { e: 1 }, f: [] };
      expectSame(read(shallow, shallow.encode(siblings)), siblings);
    });

    test("members and elements are counted over the whole value: as many as allowed are read, one more is too large", () => {
      fc.assert(
        fc.property(plainObject, (value) => {
          const members = countMembers(value);
          const bytes = codec.encode(value);
          expect(makeCodec({ ...wide, maxKeys: members }).decode(bytes).ok).toBe(true);
          if (members > 0) expectRefused(makeCodec({ ...wide, maxKeys: members - 1 }), bytes, "too_large");
        }),
        { numRuns: 500 },
      );
    });

    test("a name that occurs twice is malformed at every level, so that nobody reads another value than we checked", () => {
      expectRefused(
        codec,
        hostile.object([
          ["body", 1],
          ["body", 2],
        ]),
        "malformed",
      );
      expectRefused(
        codec,
        hostile.object([
          ["body", 1],
          ["n", 1],
          ["body", 1],
        ]),
        "malformed",
      );
      expectRefused(
        codec,
        codec.splice(
          { n: 1 },
          "body",
          hostile.object([
            ["a", 1],
            ["a", 2],
          ]),
        ),
        "malformed",
      );
      expectRefused(
        codec,
        codec.splice(
          { n: 1 },
          "body",
          hostile.object([
            ["\u00e9", 1],
            ["\u00e9", 2],
          ]),
        ),
        "malformed",
      );
    });

    test("__proto__ is malformed wherever it stands, and harmless names that only look like it are read", () => {
      const hostileObject = hostile.object([["__proto__", { admin: true }]]);
      expectRefused(codec, hostileObject, "malformed");
      expectRefused(codec, hostile.object([["__proto__", null]]), "malformed");
      expectRefused(codec, codec.splice({ n: 1 }, "body", hostileObject), "malformed");
      const names = [
        "constructor",
        "prototype",
        "toString",
        "hasOwnProperty",
        "valueOf",
        "toJSON",
        "__proto_",
        "__proto___",
      ];
      for (const [index, key] of names.entries()) {
        const value: PlainObject = { [key]: index, text: "__proto__" };
        expectSame(read(codec, codec.encode(value)), value);
        expectSame(read(codec, codec.slice(codec.encode(value), key) ?? new Uint8Array()), index);
      }
    });

    test("what it reads has no prototype of the sender's making", () => {
      const value = read(codec, hostile.object([["constructor", { prototype: { admin: true } }]]));
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect("admin" in {}).toBe(false);
    });

    test("a spliced frame reads as its head and one more member, whatever the size of the head", () => {
      fc.assert(
        fc.property(plainObject, keyText, plainValue, (head, key, value) => {
          fc.pre(!Object.hasOwn(head, key));
          const bytes = codec.splice(head, key, codec.encode(value));
          expectSame(read(codec, bytes), { ...head, [key]: value });
          expectSame(read(codec, codec.slice(bytes, key) ?? new Uint8Array()), value);
        }),
        { numRuns: 2_000 },
      );
      for (const size of [0, 1, 14, 15, 16, 17, 255, 256, 65_534, 65_535, 65_536]) {
        const head = Object.fromEntries(Array.from({ length: size }, (_, n) => [`k${n}`, n]));
        const bytes = codec.splice(head, "body", codec.encode({ size }));
        expectSame(read(codec, bytes), { ...head, body: { size } });
        expectSame(read(codec, codec.slice(bytes, "body") ?? new Uint8Array()), { size });
      }
    });

    test("a slice is a view of the frame and asks for own members only", () => {
      const bytes = codec.encode({ type: "signal", body: { a: [1, 2] } });
      expect(codec.slice(bytes, "body")?.buffer).toBe(bytes.buffer);
      for (const key of ["a", "", "bod", "bodyy", "toString", "__proto__"]) {
        expect(codec.slice(bytes, key)).toBeUndefined();
      }
      for (const value of [null, true, 7, "body", ["body", 1], []]) {
        expect(codec.slice(codec.encode(value), "body")).toBeUndefined();
      }
    });

    test("names are told apart however alike they are: 5,000 of them, and one that is another's bytes in Latin-1", () => {
      const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`k${(n * 7_919).toString(36)}`, n]));
      for (let round = 0; round < 2; round++) expectSame(read(codec, codec.encode(many)), many);
      const wideName = "\u9000";
      const itsBytes = "\u00e9\u0080\u0080";
      for (const value of [
        { [itsBytes]: 1 },
        { [wideName]: 2 },
        { [itsBytes]: 3, [wideName]: 4 },
        { [wideName]: 5, [itsBytes]: 6 },
      ]) {
        const bytes = codec.encode(value);
        expectSame(read(codec, bytes), value);
        for (const name of [wideName, itsBytes]) {
          expect(codec.slice(bytes, name) === undefined).toBe(!Object.hasOwn(value, name));
        }
        checkAgreement(codec, bytes, wideName);
      }
    });

    test("a frame that is a window into a larger buffer is read within its window", () => {
      const bytes = codec.encode({ type: "signal", text: "within", body: { a: 1 } });
      const buffer = new Uint8Array(bytes.length + 20).fill(0x31);
      buffer.set(bytes, 10);
      const window = buffer.subarray(10, 10 + bytes.length);
      expectSame(read(codec, window), { type: "signal", text: "within", body: { a: 1 } });
      expectSame(read(codec, codec.slice(window, "body") ?? new Uint8Array()), { a: 1 });
    });
  });
}

/** Neither method throws; what decode accepts, slice shows member by member, and nothing that decode does not show. */
export function checkAgreement(codec: Codec, bytes: Uint8Array, key: string): void {
  const outcome = codec.decode(bytes);
  const slice = codec.slice(bytes, key);
  if (!outcome.ok) {
    expect(["malformed", "too_large"]).toContain(outcome.reason);
    return;
  }
  const value = outcome.value;
  if (typeof value !== "object" || value === null || isArray(value)) {
    expect(slice).toBeUndefined();
    return;
  }
  if (!Object.hasOwn(value, key)) expect(slice).toBeUndefined();
  for (const name of Object.keys(value)) {
    const raw = codec.slice(bytes, name);
    if (raw === undefined) throw new Error(`no slice for ${JSON.stringify(name)}`);
    expectSame(read(codec, raw), value[name] ?? null);
  }
}

export function read(codec: Codec, bytes: Uint8Array): PlainValue {
  const outcome = codec.decode(bytes);
  if (!outcome.ok) throw new Error(`refused: ${outcome.reason} ${outcome.detail}`);
  return outcome.value;
}

/** vitest's own equality asks values for their constructor, and ours may have a member of that name. */
export function expectSame(actual: unknown, wanted: unknown): void {
  if (!isDeepStrictEqual(actual, wanted)) expect(JSON.stringify(actual)).toBe(`${JSON.stringify(wanted)}, exactly`);
}

export function expectRefused(codec: Codec, bytes: Uint8Array, reason: "malformed" | "too_large"): void {
  expect(codec.decode(bytes)).toMatchObject({ ok: false, reason });
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function wound(bytes: Uint8Array, wounds: readonly (readonly [number, number, string])[]): Uint8Array {
  const damaged = [...bytes];
  for (const [where, byte, how] of wounds) {
    const at = where % (damaged.length + 1);
    if (how === "set") damaged[at] = byte;
    else if (how === "insert") damaged.splice(at, 0, byte);
    else if (how === "remove") damaged.splice(at, 1);
    else damaged.splice(at, 0, ...damaged.slice(at, at + (byte % 24)));
  }
  return Uint8Array.from(damaged);
}

function countMembers(value: PlainValue): number {
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce((count: number, member: PlainValue) => count + 1 + countMembers(member), 0);
}

function isArray(value: PlainValue): value is readonly PlainValue[] {
  return Array.isArray(value);
}
