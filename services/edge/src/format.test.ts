import { createJsonCodec } from "@heliograph/codec/json";
import { createMsgpackCodec } from "@heliograph/codec/msgpack";
import type { Tellable } from "@heliograph/dialects";
import type { Body, MemberId, RoomName } from "@heliograph/protocol";
import { describe, expect, test } from "vitest";
import { format, json, msgpack } from "../contract/formats.ts";

const text = new TextDecoder();
const broadcast = (body: Body, seq = 1): Tellable => ({
  type: "broadcast",
  room: "lobby" as RoomName,
  from: "ann" as MemberId,
  body,
  position: { seq, index: 0, time: 1 },
});
const spoken = (bytes: Uint8Array) => JSON.parse(text.decode(bytes));
const jsonBody = (value: unknown): Body => ({ codec: "json", bytes: Buffer.from(JSON.stringify(value)) });

describe("writing", () => {
  test("encodes an event once for everybody", () => {
    const one = format("json");
    const event = broadcast(jsonBody("hello"));
    expect(one.write(event)).toBe(one.write(event));
  });

  test("takes an equal event, and the one before the last, for what they are", () => {
    const one = format("json");
    const first = broadcast(jsonBody("first"));
    const second = broadcast(jsonBody("second"));
    const written = [first, second, first, { ...second, position: { seq: 9, index: 0, time: 1 } }].map((event) =>
      spoken(one.write(event)),
    );
    expect(written.map(({ body }) => body)).toStrictEqual(["first", "second", "first", "second"]);
    expect(new Set(written.map(({ position }) => position)).size).toBe(2);
  });

  test("does not take one event for another after one of them could not be written", () => {
    const one = format("json");
    const good = broadcast(jsonBody("good"));
    one.write(good);
    const bad = broadcast({ codec: "msgpack", bytes: Uint8Array.of(0xc1) });
    expect(() => one.write(bad)).toThrow(/msgpack/);
    expect(() => one.write(bad)).toThrow(/msgpack/);
    expect(spoken(one.write(good)).body).toBe("good");
  });

  test("says what was said in one codec in the other", () => {
    const value = { sdp: 'v=0\r\n"quoted" \u2028 é', list: [1, -2.5, null, true], deep: { a: { b: [] } } };
    const toMsgpack = msgpack.decode(format("msgpack").write(broadcast(jsonBody(value))));
    expect(toMsgpack).toMatchObject({ ok: true, value: { body: value } });
    const body: Body = { codec: "msgpack", bytes: msgpack.encode(value) };
    expect(spoken(format("json").write(broadcast(body))).body).toStrictEqual(value);
  });

  test("a body may grow beyond a frame on its way into the other codec", () => {
    const value = "\u0001".repeat(60_000);
    const body: Body = { codec: "msgpack", bytes: msgpack.encode(value) };
    const frame = format("json").write(broadcast(body));
    expect(frame.length).toBeGreaterThan(360_000);
    expect(spoken(frame).body).toBe(value);
  });

  test("reads what a node with wider limits let in", () => {
    const value = Array.from({ length: 5_000 }, (_, index) => [index, "x".repeat(20)]);
    const body: Body = {
      codec: "msgpack",
      bytes: createMsgpackCodec({ maxBytes: 1 << 20, maxDepth: 64, maxKeys: 65_536 }).encode(value),
    };
    const wide = { maxBytes: 1 << 20, maxDepth: 256, maxKeys: 65_536 };
    const bodies = new Map([
      ["json", createJsonCodec(wide)],
      ["msgpack", createMsgpackCodec(wide)],
    ] as const);
    expect(() => format("json").write(broadcast(body))).toThrow();
    expect(spoken(format("json", bodies).write(broadcast(body))).body).toStrictEqual(value);
  });

  test("a body of a codec that nobody here speaks is a fault, not half a frame", () => {
    expect(() =>
      format("json", new Map([["json", json]])).write(broadcast({ codec: "msgpack", bytes: Uint8Array.of(1) })),
    ).toThrow(/msgpack/);
  });
});

describe("reading", () => {
  const said = { type: "broadcast", n: 1, room: "lobby", body: { text: "hello" } };

  test.for(["json", "msgpack"] as const)("keeps nothing of the socket's buffer: %s", (codec) => {
    const bytes = codec === "json" ? Buffer.from(JSON.stringify(said)) : Buffer.from(msgpack.encode(said));
    const reading = format(codec).read(bytes);
    bytes.fill(0xff);
    if (!reading.ok || reading.value.type !== "broadcast") throw new Error("not read");
    expect(reading.value.room).toBe("lobby");
    const body = (codec === "json" ? json : msgpack).decode(reading.value.body.bytes);
    expect(body).toStrictEqual({ ok: true, value: { text: "hello" } });
  });

  test("tells bytes that are no value from a value that is no command", () => {
    const one = format("json");
    expect(one.read(Buffer.from("{"))).toMatchObject({ ok: false, unreadable: true });
    expect(one.read(Buffer.from('{"type":"join","n":1,"room":7}'))).toMatchObject({ ok: false, unreadable: false });
    expect(one.read(Buffer.from('{"type":"leave","n":1,"room":"lobby"}'))).toMatchObject({ ok: true });
  });
});
