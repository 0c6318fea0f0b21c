import type { Command } from "@heliograph/protocol";
import { arbitraryDamage, arbitraryOf, hostile } from "@heliograph/protocol/contract";
import type { ClientFrameType } from "@heliograph/protocol/schema";
import { clientFrames } from "@heliograph/protocol/schema";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DecodedFrame } from "../dialect.ts";
import { createNativeDialect } from "./native.ts";

const native = createNativeDialect({ bodyBytes: 1024, roomsPerSession: 4 });
const generous = createNativeDialect({ bodyBytes: 1 << 24, roomsPerSession: 1000 });
const text = new TextEncoder();
const encoded = (value: unknown) => text.encode(JSON.stringify(value) ?? "null");

/** A frame as a codec would hand it over. */
function frameOf(value: unknown): DecodedFrame {
  return {
    value,
    codec: "json",
    slice(key) {
      if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
      return encoded(Reflect.get(value, key));
    },
  };
}

/** A frame for which no bytes can be had, as of a value that did not come from bytes. */
const bare = (value: unknown): DecodedFrame => ({ value, codec: "json", slice: () => new Uint8Array(2) });

const read = (value: unknown) => native.read(frameOf(value));
const json = (value: unknown) => ({ codec: "json", bytes: encoded(value) });
const ring = { kind: "ring", call: "c1" };

describe("a frame becomes a command", () => {
  const position = { seq: 35, index: 0, time: 36 };
  test.for<[string, unknown, unknown]>([
    ["hello", { type: "hello", attempt: 1 }, { type: "hello", attempt: 1 }],
    [
      "hello with a token and a client",
      { type: "hello", attempt: 2, token: "t", client: { name: "sdk", version: "1", os: "x" } },
      { type: "hello", attempt: 2, token: "t", client: { name: "sdk", version: "1" } },
    ],
    [
      "resume",
      { type: "resume", attempt: 3, token: "t", rooms: [{ room: "lobby", position: "z.0.10" }] },
      { type: "resume", attempt: 3, token: "t", rooms: [{ room: "lobby", position }] },
    ],
    ["join", { type: "join", n: 1, room: "lobby" }, { type: "join", n: 1, room: "lobby", profile: {} }],
    [
      "join with a PIN and a profile",
      { type: "join", n: 1, room: "lobby", pin: "1234", profile: { name: "Ann", age: 7 } },
      { type: "join", n: 1, room: "lobby", pin: "1234", profile: { name: "Ann" } },
    ],
    ["leave", { type: "leave", n: 5, room: "lobby" }, { type: "leave", n: 5, room: "lobby" }],
    [
      "signal",
      { type: "signal", n: 1, room: "lobby", to: "bob", body: ring, durable: true },
      { type: "signal", n: 1, room: "lobby", to: "bob", body: json(ring) },
    ],
    [
      "volatile signal",
      { type: "signal", room: "lobby", to: "bob", body: ring, durable: false },
      { type: "volatile", room: "lobby", to: "bob", body: json(ring) },
    ],
    [
      "broadcast",
      { type: "broadcast", n: 1, room: "lobby", body: null },
      { type: "broadcast", n: 1, room: "lobby", body: json(null) },
    ],
    [
      "volatile broadcast",
      { type: "broadcast", room: "lobby", body: 7, durable: false },
      { type: "volatile", room: "lobby", body: json(7) },
    ],
    [
      "profile",
      { type: "profile", n: 1, room: "lobby", profile: { status: "away" } },
      { type: "profile", n: 1, room: "lobby", profile: { status: "away" } },
    ],
    [
      "data",
      { type: "data", n: 1, room: "lobby", key: "__proto__", value: [1], ifVersion: -0, owned: true },
      { type: "data", n: 1, room: "lobby", key: "__proto__", value: json([1]), ifVersion: 0, owned: true },
    ],
    [
      "data that is removed",
      { type: "data", n: 1, room: "lobby", key: "k" },
      { type: "data", n: 1, room: "lobby", key: "k", owned: false },
    ],
    [
      "data that is null, which is a value",
      { type: "data", n: 1, room: "lobby", key: "k", value: null },
      { type: "data", n: 1, room: "lobby", key: "k", value: json(null), owned: false },
    ],
    [
      "settings",
      { type: "room", n: 1, room: "lobby", set: { capacity: -0, pin: null, locked: true, roomType: "standing", x: 1 } },
      { type: "settings", n: 1, room: "lobby", change: { capacity: 0, pin: null, locked: true, type: "standing" } },
    ],
    [
      "mute",
      { type: "moderate", n: 1, room: "lobby", action: "mute", member: "bob", media: "audio", role: "viewer" },
      { type: "moderate", n: 1, room: "lobby", action: { action: "mute", member: "bob", media: "audio" } },
    ],
    [
      "role",
      { type: "moderate", n: 1, room: "lobby", action: "role", member: "bob", role: "viewer" },
      { type: "moderate", n: 1, room: "lobby", action: { action: "role", member: "bob", role: "viewer" } },
    ],
    [
      "ban",
      { type: "moderate", n: 1, room: "lobby", action: "ban", member: "bob" },
      { type: "moderate", n: 1, room: "lobby", action: { action: "ban", member: "bob" } },
    ],
    ["ice", { type: "ice", n: 2 }, { type: "ice", n: 2 }],
    ["ice with a wish", { type: "ice", n: 2, wish: "geo" }, { type: "ice", n: 2, wish: "geo" }],
    ["ice with a zone", { type: "ice", n: 2, wish: { zone: "eu", x: 1 } }, { type: "ice", n: 2, wish: { zone: "eu" } }],
    [
      "report",
      { type: "report", n: 2, peer: "bob", state: "connected", local: "host", roundTrip: 1.5 },
      { type: "report", n: 2, report: { peer: "bob", state: "connected", local: "host", roundTrip: 1.5 } },
    ],
    [
      "report of a relay and of refusals before it",
      { type: "report", n: 2, peer: "bob", state: "connecting", pair: "relay_tls", turnErrors: [401, 701], x: 1 },
      {
        type: "report",
        n: 2,
        report: { peer: "bob", state: "connecting", pair: "relay_tls", turnErrors: [401, 701] },
      },
    ],
    ["ping", { type: "ping", n: Number.MAX_SAFE_INTEGER }, { type: "ping", n: Number.MAX_SAFE_INTEGER }],
    ["bye", { type: "bye" }, { type: "bye" }],
  ])("%s", ([, frame, command]) => {
    expect(read(frame)).toStrictEqual({ ok: true, value: command });
  });

  test.for(Object.keys(clientFrames) as ClientFrameType[])("every %s that the schema allows is read", (type) => {
    const commands = Object.entries(native.vocabulary).filter(([, words]) => words.includes(type));
    fc.assert(
      fc.property(arbitraryOf(clientFrames[type]), (frame) => {
        const outcome = generous.read(frameOf(frame));
        // Rooms named twice are the one thing that a schema cannot refuse.
        if (type === "resume" && !outcome.ok) return expect(outcome.detail).toMatch(/^rooms\.\d\.room$/);
        if (!outcome.ok) throw new Error(`${outcome.reason} ${outcome.detail}`);
        expect(commands.map(([command]) => command)).toContain(outcome.value.type);
      }),
    );
  });

  test("a body is the sender's own bytes", () => {
    const bytes = text.encode('{ "kind":"ring","call":"c1" }');
    const frame = { type: "signal", n: 1, room: "lobby", to: "bob", body: ring };
    const outcome = native.read({ value: frame, codec: "json", slice: (key) => (key === "body" ? bytes : undefined) });
    if (!outcome.ok || outcome.value.type !== "signal") throw new Error("it was a signal");
    expect(outcome.value.body.bytes).toBe(bytes);
  });
});

describe("a refusal says where it belongs", () => {
  const message = { type: "broadcast", n: 7, room: "lobby", body: 1 };
  test.for<[string, unknown, unknown]>([
    [
      "an unknown type",
      { type: "wave", n: 7, room: "lobby" },
      { reason: "unknown_type", detail: "type", n: 7, room: "lobby" },
    ],
    ["no type", { n: 7 }, { reason: "malformed", detail: "type", n: 7 }],
    ["a counter that is none", { ...message, n: -1 }, { reason: "malformed", detail: "n", room: "lobby" }],
    ["minus zero as a counter", { ...message, n: -0 }, { reason: "malformed", detail: "n", room: "lobby" }],
    ["a huge counter", { ...message, n: 2 ** 53 }, { reason: "malformed", detail: "n", room: "lobby" }],
    ["a counter of another type", { ...message, n: "7" }, { reason: "malformed", detail: "n", room: "lobby" }],
    ["a room that is none", { ...message, room: "a\u0000" }, { reason: "malformed", detail: "room", n: 7 }],
    [
      "a room that is too long in bytes",
      { ...message, room: "é".repeat(129) },
      { reason: "too_large", detail: "room", n: 7 },
    ],
    [
      "no body",
      { type: "broadcast", n: 7, room: "lobby" },
      { reason: "malformed", detail: "body", n: 7, room: "lobby" },
    ],
    [
      "a body that is too large",
      { ...message, body: "x".repeat(1023) },
      { reason: "too_large", detail: "body", n: 7, room: "lobby" },
    ],
    [
      "a value that is too large",
      { type: "data", n: 7, room: "lobby", key: "k", value: "x".repeat(1023) },
      { reason: "too_large", detail: "value", n: 7, room: "lobby" },
    ],
    [
      "a name that is too long in bytes",
      { type: "join", n: 7, room: "lobby", profile: { name: "é".repeat(129) } },
      { reason: "too_large", detail: "profile.name", n: 7, room: "lobby" },
    ],
    [
      "half a surrogate pair in a status",
      { type: "profile", n: 7, room: "lobby", profile: { status: "\ude00" } },
      { reason: "malformed", detail: "profile.status", n: 7, room: "lobby" },
    ],
    [
      "an addressee that is none",
      { type: "signal", n: 7, room: "lobby", to: "", body: ring },
      { reason: "malformed", detail: "to", n: 7, room: "lobby" },
    ],
    [
      "a resume of too many rooms",
      { type: "resume", attempt: 1, token: "t", rooms: Array.from({ length: 5 }, () => null) },
      { reason: "too_many_rooms", detail: "rooms" },
    ],
    [
      "a resume that names a room twice",
      {
        type: "resume",
        attempt: 1,
        token: "t",
        rooms: ["1.0.1", "2.0.1"].map((position) => ({ room: "lobby", position })),
      },
      { reason: "malformed", detail: "rooms.1.room" },
    ],
    [
      "a position that is none",
      { type: "resume", attempt: 1, token: "t", rooms: [{ room: "lobby", position: "now" }] },
      { reason: "malformed", detail: "rooms.0.position" },
    ],
  ])("%s", ([, frame, refusal]) => {
    expect(read(frame)).toStrictEqual({ ok: false, ...(refusal as object) });
  });

  test("a body of the last byte that fits is read", () => {
    expect(read({ ...message, body: "x".repeat(1022) }).ok).toBe(true);
  });

  test("a body whose bytes cannot be found is refused", () => {
    expect(native.read({ value: message, codec: "json", slice: () => undefined })).toMatchObject({
      reason: "malformed",
      detail: "body",
    });
  });
});

test("whatever comes, it is a command or a refusal", () => {
  const frames = fc.oneof(...Object.values(clientFrames).map((schema) => arbitraryOf(schema)));
  const types = new Set<Command["type"]>(Object.keys(native.vocabulary) as Command["type"][]);
  fc.assert(
    fc.property(fc.oneof(hostile, frames.chain(arbitraryDamage)), (value) => {
      const outcome = native.read(bare(value));
      if (outcome.ok) expect(types).toContain(outcome.value.type);
      else expect(["malformed", "too_large", "too_many_rooms", "unknown_type"]).toContain(outcome.reason);
      if (!outcome.ok && outcome.n !== undefined) expect(Number.isSafeInteger(outcome.n) && outcome.n > 0).toBe(true);
    }),
    { numRuns: 5000 },
  );
});

test("nothing on a prototype is taken for a member of a frame", () => {
  const heir = Object.create({ n: 1, room: "lobby", body: 1 }, { type: { value: "broadcast", enumerable: true } });
  const parsed = { type: "broadcast", ["__proto__"]: { n: 1, room: "lobby", body: 1 } };
  for (const value of [heir, parsed]) expect(native.read(frameOf(value)).ok).toBe(false);
});
