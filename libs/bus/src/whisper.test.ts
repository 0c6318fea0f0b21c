// A whisper comes back from its bytes as it was, junk is nobody's whisper, and what is meant for here stays here.
import type { WhisperMessage, WhisperReach } from "@heliograph/core";
import { parseMemberId, parseNodeId, parseRealm, parseRoomName, roomKey } from "@heliograph/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { NatsLink } from "./link/nats-link.ts";
import { NatsWhisper, readWhisper, writeWhisper } from "./whisper.ts";
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

test("what is meant for a member on this node is heard here in order and never leaves", async () => {
  const [realm, name] = [parseRealm("default"), parseRoomName("tea")];
  if (!realm.ok || !name.ok) throw new Error("sound names");
  const room = roomKey(realm.value, name.value);
  let left = 0;
  const link: NatsLink = {
    state: "up",
    server: undefined,
    onState: () => () => undefined,
    publish: () => {
      left += 1;
    },
    publishNow: () => undefined,
    subscribe: () => ({ end: () => undefined }),
    close: async () => undefined,
  };
  const whisper = new NatsWhisper(link, codec, 4);
  const heard: number[] = [];
  whisper.follow(room, ({ body }) => heard.push(body.bytes[0] ?? -1));
  const reaches: readonly WhisperReach[] = ["here", "everywhere", "here", "here"];
  for (const [n, reach] of reaches.entries()) {
    whisper.send(room, { ...base, body: { codec: "json", bytes: Uint8Array.of(n) } }, reach);
  }
  await Promise.resolve();
  expect(heard).toStrictEqual([0, 1, 2, 3]);
  expect(left).toBe(1);
});
