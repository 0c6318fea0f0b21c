// MessagePack keeps the codec contract, and refuses what only MessagePack can say.
import fc from "fast-check";
import { Packr, Unpackr } from "msgpackr";
import { describe, expect, test } from "vitest";
import type { HostileWriter } from "../contract/codec.contract.ts";
import { codecContract, expectRefused, expectSame, join, read } from "../contract/codec.contract.ts";
import { plainValue, wide } from "../contract/values.ts";
import { createMsgpackCodec } from "./msgpack.ts";

const library = new Packr({ useRecords: false });

const hostile: HostileWriter = {
  nested: (levels) => Uint8Array.from({ length: levels }, (_, level) => (level === levels - 1 ? 0x90 : 0x91)),
  object: (members) =>
    join(
      Uint8Array.of(0x80 | members.length),
      ...members.flatMap((member) => member.map((part) => library.pack(part))),
    ),
};

codecContract("msgpack", createMsgpackCodec, hostile);

describe("MessagePack", () => {
  const codec = createMsgpackCodec(wide);

  test("travels as binary, with maps in their shortest form", () => {
    expect(codec.binary).toBe(true);
    expect([...codec.encode({ a: [1, "b"], c: null })]).toEqual([
      0x82, 0xa1, 0x61, 0x92, 1, 0xa1, 0x62, 0xa1, 0x63, 0xc0,
    ]);
    expect([...codec.splice({}, "b", Uint8Array.of(0x90))]).toEqual([0x81, 0xa1, 0x62, 0x90]);
  });

  test("reads every format of the specification that JSON can say", () => {
    const samples: readonly (readonly [readonly number[], unknown])[] = [
      [[0xc0], null],
      [[0xc2], false],
      [[0xc3], true],
      [[0x7f], 127],
      [[0xe0], -32],
      [[0xff], -1],
      [[0xcc, 0xff], 255],
      [[0xcd, 0xff, 0xfe], 65_534],
      [[0xce, 0xff, 0xff, 0xff, 0xff], 2 ** 32 - 1],
      [[0xcf, 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Number.MAX_SAFE_INTEGER],
      [[0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 2 ** 64],
      [[0xd0, 0x80], -128],
      [[0xd0, 0x7f], 127],
      [[0xd1, 0x80, 0], -32_768],
      [[0xd2, 0x80, 0, 0, 0], -(2 ** 31)],
      [[0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0], -(2 ** 63)],
      [[0xd3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], -1],
      [[0xd3, 0xff, 0xe0, 0, 0, 0, 0, 0, 1], Number.MIN_SAFE_INTEGER],
      [[0xca, 0x3f, 0xc0, 0, 0], 1.5],
      [[0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0], 1.5],
      [[0xcb, 0x80, 0, 0, 0, 0, 0, 0, 0], -0],
      [[0xa1, 0x61], "a"],
      [[0xd9, 1, 0x61], "a"],
      [[0xda, 0, 1, 0x61], "a"],
      [[0xdb, 0, 0, 0, 1, 0x61], "a"],
      [[0x91, 1], [1]],
      [[0xdc, 0, 1, 1], [1]],
      [[0xdd, 0, 0, 0, 1, 1], [1]],
      [[0x81, 0xa1, 0x61, 1], { a: 1 }],
      [[0xde, 0, 1, 0xd9, 1, 0x61, 1], { a: 1 }],
      [[0xdf, 0, 0, 0, 1, 0xda, 0, 1, 0x61, 1], { a: 1 }],
      [[0x81, 0xdb, 0, 0, 0, 1, 0x61, 1], { a: 1 }],
    ];
    for (const [bytes, value] of samples) {
      const encoded = Uint8Array.from(bytes);
      expectSame(read(codec, encoded), value);
      const frame = join(
        Uint8Array.of(0x83, 0xa1, 0x78),
        encoded,
        Uint8Array.of(0xa4, 0x62, 0x6f, 0x64, 0x79),
        encoded,
        Uint8Array.of(0xa1, 0x7a, 1),
      );
      expectSame(read(codec, frame), { x: value, body: value, z: 1 });
      expectSame(codec.slice(frame, "body"), encoded);
      for (let length = 0; length < bytes.length; length++) {
        expectRefused(codec, encoded.slice(0, length), "malformed");
      }
    }
  });

  test("what JSON cannot say is malformed: binary, extensions, timestamps, names that are not text, odd numbers", () => {
    const frames: readonly (readonly number[])[] = [
      [0xc1],
      [0xc4, 0],
      [0xc4, 1, 0],
      [0xc5, 0, 0],
      [0xc6, 0, 0, 0, 0],
      [0xc7, 0, 1],
      [0xc7, 12, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      [0xc8, 0, 0, 1],
      [0xc9, 0, 0, 0, 0, 1],
      [0xd4, 0, 0],
      [0xd4, 0x72, 0x40],
      [0xd5, 1, 0, 0],
      [0xd6, 0xff, 0, 0, 0, 0],
      [0xd7, 0xff, 0, 0, 0, 0, 0, 0, 0, 0],
      [0xd8, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      [0x81, 1, 1],
      [0x81, 0xc0, 1],
      [0x81, 0x90, 1],
      [0x81, 0xc4, 1, 0x61, 1],
      [0xcb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0],
      [0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0],
      [0xca, 0x7f, 0x80, 0, 0],
      [0xca, 0xff, 0xc0, 0, 0],
    ];
    for (const bytes of frames) {
      expectRefused(codec, Uint8Array.from(bytes), "malformed");
      expectRefused(codec, Uint8Array.from([0x91, ...bytes]), "malformed");
    }
  });

  test("broken UTF-8 is malformed, in text and in names, short and long", () => {
    for (const middle of [
      [0x80],
      [0xc3],
      [0xc0, 0xaf],
      [0xe2, 0x82],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xff],
    ]) {
      for (const before of [[], Array.from({ length: 25 }, () => 0x61)]) {
        const text = [0xd9, before.length + middle.length, ...before, ...middle];
        expectRefused(codec, Uint8Array.from(text), "malformed");
        expectRefused(codec, Uint8Array.from([0x81, ...text, 1]), "malformed");
      }
    }
    expectSame(read(codec, Uint8Array.of(0xa4, 0xef, 0xbb, 0xbf, 0x61)), "\ufeffa");
  });

  test("a size that its bytes cannot hold is malformed at once, whatever it promises", () => {
    for (const format of [0xdb, 0xdd, 0xdf]) {
      expectRefused(codec, Uint8Array.of(format, 0xff, 0xff, 0xff, 0xff, 0xa0), "malformed");
      expect(codec.slice(Uint8Array.of(0x81, 0xa1, 0x61, format, 0xff, 0xff, 0xff, 0xff), "a")).toBeUndefined();
    }
    const promises = Uint8Array.from({ length: 60 }, (_, at) => [0xdd, 0, 0, 0, 40][at % 5] ?? 0);
    expectRefused(codec, promises, "malformed");
  });

  test("a reader that refused one frame reads the next", () => {
    const good = codec.encode({ a: [1] });
    for (const bad of [hostile.nested(60_000), Uint8Array.of(0x91), Uint8Array.of(0xa1, 0xff), Uint8Array.of(0xc1)]) {
      expect(codec.decode(bad).ok).toBe(false);
      expectSame(read(codec, good), { a: [1] });
    }
  });

  test("the library reads what we write, and we read what it writes in its own way", () => {
    const unpackr = new Unpackr({ useRecords: false, int64AsType: "number" });
    fc.assert(
      fc.property(plainValue, (value) => {
        expectSame(unpackr.unpack(codec.encode(value)), value);
      }),
      { numRuns: 1_000 },
    );
    const fixed = new Packr({ useRecords: false, variableMapSize: false, useToJSON: false });
    fc.assert(
      fc.property(plainValue, (value) => {
        expectSame(read(codec, fixed.pack(value)), value);
      }),
      { numRuns: 1_000 },
    );
  });
});
