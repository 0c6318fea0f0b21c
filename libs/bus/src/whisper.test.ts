// A whisper comes back from its bytes as it was, and junk is nobody's whisper.
import type { WhisperMessage } from "@heliograph/core";
import { parseMemberId, parseNodeId } from "@heliograph/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readWhisper, writeWhisper } from "./whisper.ts";
import { entryCodec } from "./wire/bundle.ts";

const codec = entryCodec();
const from = parseMemberId("someone");
const node = parseNodeId("n".repeat(22));
if (!from.ok || !node.ok) throw new Error("sound names");

const base: WhisperMessage = {
  from: from.value,
  epoch: { attempt: 3, bump: 1, node: node.value },
  body: { codec: "json", bytes: new Uint8Array(0) },
  asOf: { seq: 9, index: 2, time: 1_700_000_000_000 },
};

test("what is whispered comes back as it was, to all or to one", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, toOne) => {
      const message: WhisperMessage = {
        ...base,
        ...(toOne ? { to: from.value } : {}),
        body: { codec: "msgpack", bytes },
      };
      expect(readWhisper(codec, writeWhisper(codec, message))).toEqual(message);
    }),
  );
});

test("junk is no whisper, and never throws", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (junk) => {
      expect(readWhisper(codec, junk)).toBeUndefined();
    }),
  );
  const whole = writeWhisper(codec, base);
  for (let length = 0; length < whole.length; length += 1) {
    expect(readWhisper(codec, whole.subarray(0, length))).toBeUndefined();
  }
});
