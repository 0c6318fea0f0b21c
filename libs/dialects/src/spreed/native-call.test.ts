import { arbitraryDamage, arbitraryOf, hostile } from "@heliograph/protocol/contract";
import { signalBody } from "@heliograph/protocol/schema";
import { checkServerFrame } from "@heliograph/protocol/validators";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { declineOf, nativeCallOf, spreedCallOf } from "./native-call.ts";
import { readFrame } from "./read.ts";
import type { Relayed } from "./said.ts";
import { writeRelayed } from "./told.ts";

const sdp = "v=0\r\n";
const offer: Relayed = { type: "Offer", to: "P", body: { type: "offer", sdp } };

describe("what a Spreed client says of a call, to native readers", () => {
  test.for<[string, Relayed, object | undefined]>([
    ["an Offer", offer, { kind: "description", description: { type: "offer", sdp } }],
    [
      "an Offer inside a conference",
      { type: "Offer", to: "P", body: { type: "offer", sdp, _conference: "c" } },
      { kind: "description", description: { type: "offer", sdp } },
    ],
    [
      "an Offer of a token connection",
      { type: "Offer", to: "P", body: { type: "offer", sdp, _token: "t", _id: 3 } },
      undefined,
    ],
    ["an Offer that says nothing", { type: "Offer", to: "P", body: {} }, undefined],
    [
      "an Answer",
      { type: "Answer", to: "P", body: { type: "answer", sdp } },
      { kind: "description", description: { type: "answer", sdp } },
    ],
    [
      "a Candidate",
      { type: "Candidate", to: "P", body: { type: "candidate", sdpMLineIndex: 0, sdpMid: "0", candidate: "c" } },
      { kind: "candidates", candidates: [{ candidate: "c", sdpMid: "0", sdpMLineIndex: 0 }] },
    ],
    [
      "a Candidate of a token connection",
      { type: "Candidate", to: "P", body: { candidate: "c", _token: "t" } },
      undefined,
    ],
    [
      "a Candidate of a line that is none",
      { type: "Candidate", to: "P", body: { candidate: "c", sdpMLineIndex: -1 } },
      undefined,
    ],
    ["a Candidate of another shape", { type: "Candidate", to: "P", body: "c" }, undefined],
    ["a Bye", { type: "Bye", to: "P", body: null }, { kind: "hangup", call: "room" }],
    ["a Bye of someone busy", { type: "Bye", to: "P", body: { Reason: "busy" } }, { kind: "busy", call: "room" }],
    ["a Bye that rejects", { type: "Bye", to: "P", body: { Reason: "reject" } }, { kind: "decline", call: "room" }],
    [
      "a Bye with another reason",
      { type: "Bye", to: "P", body: { Reason: "pickuptimeout" } },
      { kind: "hangup", call: "room", why: "pickuptimeout" },
    ],
    ["a Bye of a token connection", { type: "Bye", to: "P", body: { _token: "t" } }, undefined],
  ])("%s", ([, relayed, body]) => {
    expect(nativeCallOf(relayed)).toEqual(body);
  });

  test("is always what the native protocol allows, or nothing", () => {
    const inner = fc.oneof(
      fc.record(
        {
          type: fc.constantFrom("offer", "answer", "pranswer", "rollback", "candidate"),
          sdp: fc.oneof(fc.string({ unit: "binary" }), hostile),
          candidate: fc.oneof(fc.string(), hostile),
          sdpMid: hostile,
          sdpMLineIndex: hostile,
          usernameFragment: hostile,
          Reason: fc.oneof(fc.constantFrom("busy", "reject", "x".repeat(300), "\ud800"), hostile),
        },
        { requiredKeys: [] },
      ),
      hostile,
    );
    fc.assert(
      fc.property(fc.constantFrom("Offer", "Answer", "Candidate", "Bye"), inner, (Type, body) => {
        const read = readFrame({ Type, [Type]: { To: "P", [Type]: body } });
        if (!read.ok) return;
        const { said } = read.value;
        if (said.type !== "Offer" && said.type !== "Answer" && said.type !== "Candidate" && said.type !== "Bye")
          throw new Error();
        const native = nativeCallOf(said);
        if (native === undefined) return;
        expect(checkServerFrame({ type: "signal", room: "r", from: "A", body: native })).toMatchObject({ ok: true });
      }),
      { seed: 6, numRuns: 3000 },
    );
  });
});

describe("what a native client signals, to Spreed readers", () => {
  test.for<[string, object, readonly object[]]>([
    ["an offer", { kind: "description", description: { type: "offer", sdp } }, [{ Offer: { type: "offer", sdp } }]],
    ["an answer", { kind: "description", description: { type: "answer", sdp } }, [{ Answer: { type: "answer", sdp } }]],
    [
      "candidates, one by one and without their end",
      {
        kind: "candidates",
        candidates: [{ candidate: "a", sdpMid: "0", sdpMLineIndex: 0 }, { candidate: "b" }, { candidate: "" }],
      },
      [
        { Candidate: { type: "candidate", sdpMLineIndex: 0, sdpMid: "0", candidate: "a" } },
        { Candidate: { type: "candidate", candidate: "b" } },
      ],
    ],
    ["busy", { kind: "busy", call: "room" }, [{ Bye: { Reason: "busy" } }]],
    ["decline", { kind: "decline", call: "x" }, [{ Bye: { Reason: "reject" } }]],
    ["the end of the room's call", { kind: "hangup", call: "room" }, [{ Bye: {} }]],
    ["a ring that is taken back", { kind: "hangup", call: "x" }, [{ Bye: { Reason: "abort" } }]],
    ["a reason that was theirs", { kind: "hangup", call: "room", why: "failed" }, [{ Bye: { Reason: "failed" } }]],
    ["a person's reason", { kind: "hangup", call: "room", why: "lunch" }, [{ Bye: {} }]],
  ])("%s", ([, body, documents]) => {
    const call = spreedCallOf(body, "P");
    if (!call.ok) throw new Error(call.why);
    expect(call.documents.map(writeRelayed)).toMatchObject(documents);
    // Nothing leaves that would not be read again.
    for (const document of call.documents) {
      const { Type, ...rest } = writeRelayed(document);
      expect(readFrame({ Type, [Type]: rest })).toMatchObject({ ok: true, value: { said: document } });
    }
  });

  test("bears the conference of the room, so that nobody is rung up", () => {
    const call = spreedCallOf({ kind: "description", description: { type: "offer", sdp } }, "P", "Conference:x");
    expect(call).toMatchObject({ documents: [{ body: { type: "offer", sdp, _conference: "Conference:x" } }] });
  });

  test.for<[string, unknown]>([
    ["ring", { kind: "ring", call: "x" }],
    ["accept", { kind: "accept", call: "x" }],
    ["custom", { kind: "custom", value: 1 }],
    ["rollback", { kind: "description", description: { type: "rollback" } }],
    ["unreadable", { kind: "description", description: { type: "offer" } }],
    ["unreadable", { kind: "candidates", candidates: [1] }],
    ["unreadable", { kind: "dance" }],
    ["unreadable", undefined],
  ])("has a reason where there are no words: %s", ([why, body]) => {
    expect(spreedCallOf(body, "P")).toEqual({ ok: false, why });
  });

  test("whatever it is, it is told or has a reason", () => {
    fc.assert(
      fc.property(fc.oneof(hostile, arbitraryOf(signalBody).chain(arbitraryDamage)), (body) => {
        const call = spreedCallOf(body, "P");
        if (!call.ok) expect(["ring", "accept", "custom", "rollback", "unreadable"]).toContain(call.why);
        declineOf(body);
      }),
      { seed: 6, numRuns: 3000 },
    );
  });

  test("comes back as it was from a Spreed reader: descriptions, single candidates, busy and decline", () => {
    for (const body of [
      { kind: "description", description: { type: "offer", sdp } },
      { kind: "description", description: { type: "pranswer", sdp } },
      { kind: "candidates", candidates: [{ candidate: "c", sdpMid: "1", sdpMLineIndex: 1 }] },
      { kind: "busy", call: "room" },
      { kind: "decline", call: "room" },
      { kind: "hangup", call: "room" },
    ]) {
      const call = spreedCallOf(body, "P");
      expect(call.ok && call.documents.map(nativeCallOf)).toEqual([body]);
    }
  });
});

test("whoever rings a Spreed client is declined, so that it need not wait in vain", () => {
  const decline = declineOf({ kind: "ring", call: "c1" });
  expect(decline).toMatchObject({ kind: "decline", call: "c1" });
  expect(checkServerFrame({ type: "signal", room: "r", from: "A", body: decline })).toMatchObject({ ok: true });
  for (const body of [{ kind: "ring" }, { kind: "ring", call: "" }, { kind: "busy", call: "c1" }, 1]) {
    expect(declineOf(body)).toBeUndefined();
  }
});
