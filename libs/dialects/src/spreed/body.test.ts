import { arbitraryDamage, hostile } from "@heliograph/protocol/contract";
import { checkServerFrame } from "@heliograph/protocol/validators";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Spoken } from "./body.ts";
import { broadcastBodyOf, documentOf, hearBroadcast, hearSignal, signalBodyOf } from "./body.ts";
import { readFrame } from "./read.ts";
import type { Chatted } from "./said.ts";

const chat = (to: string, Message = "hi"): Chatted => ({ type: "Chat", to, chat: { Message, Time: "", Status: null } });
const typing: Chatted = { type: "Chat", to: "", chat: { Message: "", Time: "", Status: { Typing: "start" } } };

const spoken: readonly Spoken[] = [
  { type: "Offer", to: "P", body: { type: "offer", sdp: "v=0", _conference: "c", deep: [{ x: null }] } },
  { type: "Offer", to: "P", body: { type: "offer", sdp: "v=0", _token: "t", _id: 3 } },
  { type: "Answer", to: "P", body: { type: "answer", sdp: "v=0" } },
  { type: "Candidate", to: "P", body: { candidate: "c", sdpMid: "0", more: 1 } },
  { type: "Candidate", to: "P", body: "whatever" },
  { type: "Bye", to: "P", body: null },
  { type: "Bye", to: "P", body: { Reason: "unload" } },
  chat("P"),
  { ...typing, to: "P" },
  { type: "Conference", id: "c", members: ["A", "B"] },
];

describe("what one Spreed session says to another", () => {
  test.for(spoken)("arrives whole: %o", (said) => {
    expect(hearSignal(signalBodyOf(said), "spreed", "P")).toEqual({ ok: true, spoken: [said] });
  });

  test.for(spoken)("is a signal to native readers too: %o", (said) => {
    const frame = { type: "signal", room: "r", from: "A", body: signalBodyOf(said) };
    expect(checkServerFrame(frame)).toMatchObject({ ok: true });
  });

  test("means the same to native readers, where they have words for it", () => {
    expect(signalBodyOf({ type: "Answer", to: "P", body: { type: "answer", sdp: "v=0" } })).toMatchObject({
      kind: "description",
      description: { type: "answer", sdp: "v=0" },
    });
    expect(signalBodyOf({ type: "Bye", to: "P", body: { Reason: "busy" } })).toMatchObject({
      kind: "busy",
      call: "room",
    });
  });

  test("carries descriptions and texts once", () => {
    const long = "x".repeat(10_000);
    const offer = { type: "Offer", to: "P", body: { type: "offer", sdp: long } } as const;
    for (const body of [signalBodyOf(offer), signalBodyOf(chat("P", long)), broadcastBodyOf(chat("", long))]) {
      expect(JSON.stringify(body).length).toBeLessThan(10_300);
    }
  });

  test("of token connections natives see nothing to act on", () => {
    expect(signalBodyOf(spoken[1] ?? typing)).toMatchObject({ kind: "custom", value: null });
  });

  test("a private chat is a line of chat in their own words", () => {
    expect(signalBodyOf(chat("P"))).toMatchObject({ kind: "custom", value: { kind: "chat", text: "hi" } });
  });
});

describe("what a Spreed session says to a room", () => {
  test("is chat to everybody", () => {
    expect(broadcastBodyOf(chat(""))).toEqual({ kind: "chat", text: "hi", spreed: documentOf(chat("", "")) });
    expect(hearBroadcast(broadcastBodyOf(chat("")), "spreed")).toEqual({ ok: true, spoken: [chat("")] });
  });

  test("without words is nothing to natives", () => {
    expect(broadcastBodyOf(typing)).toMatchObject({ kind: "spreed" });
    expect(hearBroadcast(broadcastBodyOf(typing), "spreed")).toEqual({ ok: true, spoken: [typing] });
  });
});

describe("what a native client says", () => {
  test("to the room as chat is chat", () => {
    expect(hearBroadcast({ kind: "chat", text: "hi" }, "native")).toEqual({ ok: true, spoken: [chat("")] });
  });

  test.for([{ kind: "chat" }, { kind: "chat", text: 1 }, { kind: "poll" }, "hi", null])(
    "to the room as %o is none",
    (body) => {
      expect(hearBroadcast(body, "native")).toEqual({ ok: false, why: "not chat" });
    },
  );

  test("to one member as chat is a private chat", () => {
    const body = { kind: "custom", value: { kind: "chat", text: "hi" } };
    expect(hearSignal(body, "native", "P")).toEqual({ ok: true, spoken: [chat("P")] });
  });

  test("cannot speak as Spreed sessions do: its document beside the rest is not looked at", () => {
    const ContactRequest = { Id: "c", Success: true, Userid: "root", Token: "t" };
    const forged = { Type: "Chat", To: "P", Chat: { Message: "", Status: { ContactRequest } } };
    expect(hearSignal({ kind: "custom", value: 1, spreed: forged }, "native", "P")).toEqual({
      ok: false,
      why: "custom",
    });
    expect(hearBroadcast({ kind: "chat", text: "hi", spreed: forged }, "native")).toEqual({
      ok: true,
      spoken: [chat("")],
    });
  });
});

test("whatever a Spreed client says to others is heard as it was said", () => {
  const frames = fc.constantFrom(...spoken, chat("")).map((said) => {
    const document = documentOf(said);
    return { Type: document.Type, [document.Type]: document };
  });
  let heard = 0;
  fc.assert(
    fc.property(frames.chain(arbitraryDamage), (frame) => {
      const read = readFrame(frame);
      if (!read.ok) return;
      const { said } = read.value;
      switch (said.type) {
        case "Offer":
        case "Answer":
        case "Candidate":
        case "Bye":
        case "Chat":
        case "Conference":
          heard += 1;
          expect(hearSignal(signalBodyOf(said), "spreed", "P")).toEqual({ ok: true, spoken: [said] });
          if (said.type === "Chat")
            expect(hearBroadcast(broadcastBodyOf(said), "spreed")).toEqual({ ok: true, spoken: [said] });
      }
    }),
    { seed: 6, numRuns: 3000 },
  );
  expect(heard).toBeGreaterThan(500);
});

test("no body at all is too much", () => {
  const own = fc.record({
    spreed: fc.oneof(hostile, fc.record({ Type: fc.constantFrom("Offer", "Self", "Chat"), Chat: hostile })),
  });
  fc.assert(
    fc.property(fc.oneof(hostile, own), fc.constantFrom("spreed", "native"), (body, from) => {
      for (const heard of [hearSignal(body, from, "P"), hearBroadcast(body, from)]) {
        if (heard.ok) expect(heard.spoken.map(documentOf)).toHaveLength(heard.spoken.length);
        else expect(typeof heard.why).toBe("string");
      }
    }),
    { seed: 6, numRuns: 3000 },
  );
});
