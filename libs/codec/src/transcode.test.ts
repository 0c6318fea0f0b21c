// Both codecs accept the same values, so whatever came in by one goes out by the other.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expectSame, read } from "../contract/codec.contract.ts";
import { plainValue, wide } from "../contract/values.ts";
import { createJsonCodec, createMsgpackCodec, transcode } from "./mod.ts";

describe("transcoding", () => {
  const json = createJsonCodec(wide);
  const msgpack = createMsgpackCodec(wide);
  const utf8 = new TextEncoder();

  test("a value is the same in both codecs, in either direction", () => {
    fc.assert(
      fc.property(plainValue, (value) => {
        for (const [from, to] of [
          [json, msgpack],
          [msgpack, json],
        ] as const) {
          const outcome = transcode(from, to, from.encode(value));
          expect(outcome.ok && read(to, outcome.value)).toSatisfy((copy: unknown) => {
            expectSame(copy, value);
            return true;
          });
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test("whatever MessagePack bytes are accepted, JSON says the same", () => {
    let crossed = 0;
    const format = fc.constantFrom(
      0,
      1,
      0x7f,
      0x80,
      0x81,
      0x82,
      0x90,
      0x91,
      0x92,
      0xa0,
      0xa1,
      0xc0,
      0xc2,
      0xc3,
      0xca,
      0xcb,
      0xcc,
      0xd0,
      0xd1,
      0xd9,
      0xe0,
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(format, fc.nat(255)), { maxLength: 16 }), (bytes) => {
        const accepted = msgpack.decode(Uint8Array.from(bytes));
        if (!accepted.ok) return;
        crossed++;
        const outcome = transcode(msgpack, json, Uint8Array.from(bytes));
        // JSON writes -0 as 0, so both sides go through it.
        expectSame(outcome.ok && read(json, outcome.value), JSON.parse(JSON.stringify(accepted.value)));
      }),
      { numRuns: 20_000 },
    );
    expect(crossed).toBeGreaterThan(1_000);
  });

  test("members that a writer might take for methods are carried as they are", () => {
    for (const text of [
      '{"toJSON":1,"constructor":2}',
      '{"constructor":{"name":"Map"},"size":1}',
      '{"hasOwnProperty":0,"length":3}',
      '{"then":[],"toJSON":{"a":null}}',
    ]) {
      const outcome = transcode(json, msgpack, utf8.encode(text));
      expectSame(outcome.ok && read(msgpack, outcome.value), JSON.parse(text));
    }
  });

  test("integers that doubles cannot hold are rounded alike", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (integer) => {
        const bytes = new Uint8Array(9);
        bytes[0] = integer < 0n ? 0xd3 : 0xcf;
        new DataView(bytes.buffer).setBigUint64(1, BigInt.asUintN(64, integer));
        expectSame(read(msgpack, bytes), read(json, utf8.encode(String(integer))));
      }),
      { numRuns: 5_000 },
    );
  });

  test("between equal codecs the bytes pass untouched", () => {
    const raw = utf8.encode(" [1] ");
    const outcome = transcode(json, createJsonCodec(wide), raw);
    expect(outcome.ok && outcome.value).toBe(raw);
  });

  test("what the first codec refuses is refused with its reason", () => {
    expect(transcode(json, msgpack, utf8.encode("{"))).toMatchObject({ ok: false, reason: "malformed" });
    expect(transcode(createJsonCodec({ ...wide, maxKeys: 1 }), msgpack, utf8.encode("[1,2]"))).toMatchObject({
      ok: false,
      reason: "too_large",
    });
  });
});
