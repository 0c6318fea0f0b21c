// What streams answer to appends, as nats-server 2.15 writes it.
import { createJsonCodec } from "@heliograph/codec";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readAcknowledgement } from "./acknowledgement.ts";

const json = createJsonCodec({ maxBytes: 65_536, maxDepth: 16, maxKeys: 1000 });
const read = (text: string) => readAcknowledgement(new TextEncoder().encode(text), json);

test("an acknowledgement tells the sequence, in its usual form and in any other", () => {
  expect(read('{"stream":"HG_0","seq":17}')).toEqual({ stored: true, seq: 17 });
  expect(read('{"stream":"HG_12","seq":9007199254740991}')).toEqual({ stored: true, seq: Number.MAX_SAFE_INTEGER });
  expect(read('{"stream":"HG_0","domain":"hub","seq":17}')).toEqual({ stored: true, seq: 17 });
  expect(read('{"stream":"HG_0", "seq":17,"duplicate":true}')).toEqual({ stored: true, seq: 17 });
});

test("a refusal tells why", () => {
  const text =
    '{"error":{"code":503,"err_code":10047,"description":"insufficient storage resources"},"stream":"HG_0","seq":0}';
  expect(read(text)).toEqual({ stored: false, why: "insufficient storage resources (10047)", code: 10_047 });
  expect(read("")).toMatchObject({ stored: false });
  expect(read('{"stream":"HG_0","seq":}')).toMatchObject({ stored: false });
  expect(read('{"stream":"HG_0","seq":0}')).toMatchObject({ stored: false });
});

test("nothing is read into other bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (junk) => {
      expect(readAcknowledgement(junk, json).stored).toBe(false);
    }),
  );
});
