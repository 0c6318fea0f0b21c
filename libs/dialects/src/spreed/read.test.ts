import { arbitraryDamage, hostile } from "@heliograph/protocol/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { documentOf } from "./body.ts";
import { reply } from "./envelope.ts";
import { readFrame } from "./read.ts";
import type { Said } from "./said.ts";
import { writeAlive, writeRelayed } from "./told.ts";

/** One of each type, with more in it than the dialect knows. */
const frames: readonly (readonly [string, unknown, Said])[] = [
  ["Self", { Type: "Self", Self: { any: 1 } }, { type: "Self" }],
  ["Leave without a document", { Type: "Leave" }, { type: "Leave" }],
  ["Users", { Type: "Users", Users: 5 }, { type: "Users" }],
  [
    "Hello",
    {
      Type: "Hello",
      Hello: { Version: "0.29.7", Ua: "Chrome 120", Name: "Lobby", Type: "", Credentials: { PIN: "4711" }, More: 1 },
    },
    { type: "Hello", hello: { name: "Lobby", roomType: "", ua: "Chrome 120", credentials: { PIN: "4711" } } },
  ],
  [
    "Hello with the name where it was long ago",
    { Type: "Hello", Hello: { Id: "lobby", Credentials: null } },
    { type: "Hello", hello: { name: "lobby", roomType: "", ua: "" } },
  ],
  [
    "Hello with an empty PIN, which is not none",
    { Type: "Hello", Hello: { Name: "lobby", Credentials: {} } },
    { type: "Hello", hello: { name: "lobby", roomType: "", ua: "", credentials: { PIN: "" } } },
  ],
  [
    "Status, whatever its shape",
    { Type: "Status", Status: { Type: "x", Status: [1, { deep: null }] } },
    { type: "Status", status: [1, { deep: null }] },
  ],
  ["Status that is taken back", { Type: "Status", Status: {} }, { type: "Status", status: null }],
  [
    "Alive",
    { Type: "Alive", Alive: { Type: "Alive", Alive: 1_790_000_000_000 } },
    { type: "Alive", alive: 1_790_000_000_000 },
  ],
  [
    "Offer",
    { Type: "Offer", Offer: { To: "P", Type: "Self", Offer: { type: "offer", sdp: "v=0", _id: 3 } } },
    { type: "Offer", to: "P", body: { type: "offer", sdp: "v=0", _id: 3 } },
  ],
  [
    "Answer",
    { Type: "Answer", Answer: { To: "P", Answer: { type: "answer", sdp: "v=0" } } },
    { type: "Answer", to: "P", body: { type: "answer", sdp: "v=0" } },
  ],
  [
    "Candidate",
    { Type: "Candidate", Candidate: { To: "P", Candidate: "end" } },
    { type: "Candidate", to: "P", body: "end" },
  ],
  [
    "Bye with a reason",
    { Type: "Bye", Bye: { To: "P", Bye: { Reason: "busy" } } },
    { type: "Bye", to: "P", body: { Reason: "busy" } },
  ],
  ["Bye without one", { Type: "Bye", Bye: { To: "P" } }, { type: "Bye", to: "P", body: null }],
  [
    "Chat",
    { Type: "Chat", Chat: { To: "P", Type: "Chat", Chat: { Message: "hi", Mid: "m1", More: 1 } } },
    { type: "Chat", to: "P", chat: { Message: "hi", Time: "", Mid: "m1", Status: null } },
  ],
  [
    "Conference",
    { Type: "Conference", Conference: { Id: "c", Type: "Conference", Conference: ["A", null] } },
    { type: "Conference", id: "c", members: ["A", ""] },
  ],
  [
    "Room",
    { Type: "Room", Room: { Type: "Room", Name: "lobby", Credentials: { PIN: "" } } },
    { type: "Room", room: { name: "lobby", roomType: "Room", credentials: { PIN: "" } } },
  ],
  [
    "Sessions",
    { Type: "Sessions", Sessions: { Type: "contact", Token: "t" } },
    { type: "Sessions", kind: "contact", token: "t" },
  ],
  [
    "Authentication",
    { Type: "Authentication", Authentication: { Userid: "u7", Nonce: "n" } },
    { type: "Authentication", userid: "u7", nonce: "n" },
  ],
];

describe("a frame becomes what is said", () => {
  test.for(frames)("%s", ([, frame, said]) => {
    expect(readFrame({ ...(frame as object), Iid: "7" })).toEqual({ ok: true, value: { iid: "7", said } });
    expect(readFrame(frame)).toEqual({ ok: true, value: { iid: "", said } });
    expect(readFrame({ ...(frame as object), Iid: null })).toEqual({ ok: true, value: { iid: "", said } });
  });
});

describe("a frame is dropped", () => {
  test.for<[string, unknown]>([
    ["is not an object", [1]],
    ["has no Type", { Hello: {} }],
    ["has its keys in another case", { type: "Self" }],
    ["has an unknown Type", { Type: "Talking", Talking: {} }],
    ["has an Iid that is no text", { Type: "Self", Iid: 7 }],
    ["is an Alive without its document", { Type: "Alive", Iid: "1" }],
    ["is an Alive before zero", { Type: "Alive", Alive: { Alive: -1 } }],
    ["is an Alive between numbers", { Type: "Alive", Alive: { Alive: 1.5 } }],
    ["is a Hello that is a list", { Type: "Hello", Hello: [] }],
    ["is a Hello with a name of another type", { Type: "Hello", Hello: { Name: 1 }, Iid: "1" }],
    ["is a Hello with a PIN of another type", { Type: "Hello", Hello: { Credentials: { PIN: 4711 } } }],
    ["is a Hello with a Version of another type", { Type: "Hello", Hello: { Version: 1 } }],
    ["is a Sessions of an unknown Type with a Token of another type", { Type: "Sessions", Sessions: { Token: 1 } }],
    ["is an Offer that is a text", { Type: "Offer", Offer: { To: "P", Offer: "sdp" } }],
    ["is an Offer that is a list", { Type: "Offer", Offer: { To: "P", Offer: [] } }],
    ["is an Offer to nobody", { Type: "Offer", Offer: { Offer: {} } }],
    ["is a Candidate without one", { Type: "Candidate", Candidate: { To: "P", Candidate: null } }],
    ["is a Chat without one", { Type: "Chat", Chat: { To: "" } }],
    ["is a Chat with a file of negative size", chat({ FileInfo: { size: -1 } })],
    ["is a Chat with receipts that are no texts", chat({ SeenMids: [1] })],
    ["is a Chat at a place that is no number", chat({ Geolocation: { latitude: "1" } })],
  ])("that %s", ([, frame]) => {
    const read = readFrame(frame);
    expect(read.ok).toBe(false);
    expect(read).not.toHaveProperty("answer");
  });
});

test.for(["Hello", "Room", "Sessions", "Authentication"])("%s without its document is a bad request", (Type) => {
  expect(readFrame({ Type, Iid: "3" })).toMatchObject({ ok: false, answer: { iid: "3", code: "bad_request" } });
});

test.for(["Hello", "Room"])("a PIN in %s that nobody could give again is a bad request", (Type) => {
  const frame = (PIN: string) => ({ Type, [Type]: { Name: "lobby", Credentials: { PIN } }, Iid: "3" });
  for (const pin of ["x".repeat(65), "\ud800"]) {
    expect(readFrame(frame(pin))).toMatchObject({ ok: false, answer: { iid: "3", code: "bad_request" } });
  }
  expect(readFrame(frame("x".repeat(64))).ok).toBe(true);
});

test("an overlong Ua is cut, since it travels with each Joined", () => {
  const read = readFrame({ Type: "Hello", Hello: { Ua: `${"x".repeat(1023)}😀` } });
  expect(read).toMatchObject({ value: { said: { hello: { ua: `${"x".repeat(1023)}\ufffd` } } } });
});

test("Sessions of an unknown Type is a bad request", () => {
  const frame = { Type: "Sessions", Sessions: { Type: "user", Token: "t" } };
  expect(readFrame(frame)).toMatchObject({ ok: false, answer: { iid: "", code: "bad_request" } });
});

test("[spreed 8] an Alive is answered by the same object, with its Iid", () => {
  const alive = { Type: "Alive", Alive: 5 };
  const read = readFrame({ Type: "Alive", Alive: alive, Iid: "9" });
  if (!read.ok || read.value.said.type !== "Alive") throw new Error("not an Alive");
  expect(reply(writeAlive(read.value.said.alive), "me", read.value.iid)).toEqual({ Data: alive, From: "me", Iid: "9" });
});

test("[spreed 42] an Offer without its inner object says nothing", () => {
  for (const Offer of [{ To: "P" }, { To: "P", Offer: null }, { To: "P", Type: "Offer", offer: {} }]) {
    expect(readFrame({ Type: "Offer", Offer })).toEqual({ ok: false, why: "Offer.Offer is missing" });
  }
});

test("[spreed 43] extra fields of a Candidate arrive unchanged", () => {
  const Candidate = { type: "candidate", candidate: "candidate:1", sdpMid: null, _token: "t", deep: [{ x: [1, "ü"] }] };
  const read = readFrame({ Type: "Candidate", Candidate: { To: "P", Type: "Candidate", Candidate } });
  if (!read.ok || read.value.said.type !== "Candidate") throw new Error("not a Candidate");
  expect(writeRelayed(read.value.said)).toEqual({ To: "P", Type: "Candidate", Candidate });
});

test("a Conference of more than a hundred is dropped", () => {
  const frame = (count: number) => ({ Type: "Conference", Conference: { Conference: Array(count).fill("A") } });
  expect(readFrame(frame(100)).ok).toBe(true);
  expect(readFrame(frame(101)).ok).toBe(false);
});

test("what is relayed bears the outer Type, whatever a peer wrote inside", () => {
  const read = readFrame({ Type: "Offer", Offer: { To: "P", Type: "Self", Offer: {} } });
  if (!read.ok || read.value.said.type !== "Offer") throw new Error("not an Offer");
  expect(documentOf(read.value.said)).toEqual({ To: "P", Type: "Offer", Offer: {} });
});

test("no value at all is too much for the reader", () => {
  const arbitrary = fc.constantFrom(...frames.map(([, frame]) => frame));
  fc.assert(
    fc.property(fc.oneof(hostile, arbitrary.chain(arbitraryDamage)), (value) => {
      const read = readFrame(value);
      if (!read.ok) expect(typeof read.why).toBe("string");
      else expect(frames.map(([, , { type }]) => type)).toContain(read.value.said.type);
    }),
    { seed: 6, numRuns: 5000 },
  );
});

test("nothing on a prototype is taken for a member", () => {
  const heir = Object.create({ Hello: { Name: "x" } }, { Type: { value: "Hello", enumerable: true } });
  expect(readFrame(heir)).toMatchObject({ ok: false, answer: { code: "bad_request" } });
});

function chat(Status: unknown): unknown {
  return { Type: "Chat", Chat: { Chat: { Status } } };
}
