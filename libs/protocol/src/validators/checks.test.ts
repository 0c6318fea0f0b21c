import { arbitraryDamage, arbitraryOf, hostile } from "@heliograph/protocol/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { refused } from "../outcome.ts";
import { clientFrames } from "../schema/client.ts";
import type { ClientFrameType, ServerFrameType } from "../schema/mod.ts";
import { serverFrames } from "../schema/server.ts";
import { checkClientFrame, checkServerFrame } from "./checks.ts";

const offer = {
  type: "signal",
  n: 1,
  room: "lobby",
  to: "bob",
  body: { kind: "description", description: { type: "offer", sdp: "v=0" } },
};

describe("a frame of the schema passes its check", () => {
  test.for(Object.keys(clientFrames) as ClientFrameType[])("from the client: %s", (type) => {
    fc.assert(
      fc.property(arbitraryOf(clientFrames[type]), (frame) => {
        expect(checkClientFrame(frame)).toEqual({ ok: true, value: frame });
      }),
    );
  });

  test.for(Object.keys(serverFrames) as ServerFrameType[])("from the server: %s", (type) => {
    fc.assert(
      fc.property(arbitraryOf(serverFrames[type]), (frame) => {
        expect(checkServerFrame(frame)).toEqual({ ok: true, value: frame });
      }),
    );
  });
});

describe("a fault is named", () => {
  test.for<[string, unknown, "malformed" | "too_large", string]>([
    ["a missing member", { ...offer, to: undefined }, "malformed", "to"],
    ["a counter of zero", { ...offer, n: 0 }, "malformed", "n"],
    ["a counter beyond the safe ones", { ...offer, n: 2 ** 53 }, "malformed", "n"],
    ["a counter that is no whole number", { ...offer, n: 1.5 }, "malformed", "n"],
    ["a counter on a volatile command", { ...offer, durable: false }, "malformed", "n"],
    ["a durable that is no boolean", { ...offer, durable: "yes" }, "malformed", "durable"],
    ["a kind nobody knows", { ...offer, body: { kind: "wave" } }, "malformed", "body.kind"],
    ["no kind", { ...offer, body: {} }, "malformed", "body.kind"],
    ["a fault inside the kind that was meant", { ...offer, body: { kind: "ring", call: 7 } }, "malformed", "body.call"],
    [
      "a fault deep in a list",
      { ...offer, body: { kind: "candidates", candidates: [{ candidate: "" }, { candidate: "", sdpMid: 1 }] } },
      "malformed",
      "body.candidates.1.sdpMid",
    ],
    [
      "a list that is too long",
      { ...offer, body: { kind: "candidates", candidates: Array.from({ length: 65 }, () => ({ candidate: "" })) } },
      "too_large",
      "body.candidates",
    ],
    ["an empty list", { ...offer, body: { kind: "candidates", candidates: [] } }, "malformed", "body.candidates"],
    ["a name that is too long", { ...offer, room: "x".repeat(257) }, "too_large", "room"],
    ["half a surrogate pair", { ...offer, room: "\ud83d" }, "malformed", "room"],
    [
      "a PIN that is too long",
      { type: "room", n: 1, room: "lobby", set: { pin: "1".repeat(65) } },
      "too_large",
      "set.pin",
    ],
    ["a PIN that is a number", { type: "room", n: 1, room: "lobby", set: { pin: 1234 } }, "malformed", "set.pin"],
    [
      "a role nobody knows",
      { type: "moderate", n: 1, room: "lobby", member: "bob", action: "role", role: "king" },
      "malformed",
      "role",
    ],
    [
      "an action nobody knows",
      { type: "moderate", n: 1, room: "lobby", member: "bob", action: "wave" },
      "malformed",
      "action",
    ],
    [
      "a picture that is a script",
      { type: "profile", n: 1, room: "lobby", profile: { picture: "javascript:alert(1)" } },
      "malformed",
      "profile.picture",
    ],
    [
      "an SVG picture",
      { type: "profile", n: 1, room: "lobby", profile: { picture: "data:image/svg+xml;base64,AAAA" } },
      "malformed",
      "profile.picture",
    ],
    ["no type", {}, "malformed", "type"],
    ["a list", [], "malformed", "type"],
    ["nothing", null, "malformed", "type"],
  ])("%s", ([, frame, reason, path]) => {
    expect(checkClientFrame(frame)).toEqual(refused(reason, path));
  });

  test.for(["constructor", "__proto__", "toString", "welcome", ""])("the type %s is unknown", (type) => {
    expect(checkClientFrame({ type, n: 1 })).toEqual(refused("unknown_type", "type"));
  });

  test("members the protocol does not name are ignored", () => {
    expect(checkClientFrame({ ...offer, trace: "1", ["__proto__"]: 1 }).ok).toBe(true);
  });
});

test("whatever comes is answered with a frame or a refusal that repeats nothing of it", () => {
  const frames = fc.oneof(...Object.values(clientFrames).map((schema) => arbitraryOf(schema)));
  const known = /^(?:[a-zA-Z]+|\d+)(?:\.(?:[a-zA-Z]+|\d+))*$/;
  fc.assert(
    fc.property(fc.oneof(hostile, frames.chain(arbitraryDamage)), (value) => {
      for (const outcome of [checkClientFrame(value), checkServerFrame(value)]) {
        if (outcome.ok) continue;
        expect(["malformed", "too_large", "unknown_type"]).toContain(outcome.reason);
        expect(outcome.detail).toMatch(known);
        expect(outcome.detail?.length).toBeLessThan(64);
      }
    }),
    { numRuns: 3000 },
  );
});
