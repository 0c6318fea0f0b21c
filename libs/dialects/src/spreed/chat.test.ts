import { describe, expect, test } from "vitest";
import type { ChatMessage } from "./chat.ts";
import { judgeContact, planChat, rfc3339, settleContact, timed } from "./chat.ts";
import { readFrame } from "./read.ts";

const hi: ChatMessage = { Message: "hi", Time: "", Status: null };

function read(chat: unknown): ChatMessage {
  const frame = readFrame({ Type: "Chat", Chat: { To: "", Type: "Chat", Chat: chat } });
  if (!frame.ok || frame.value.said.type !== "Chat") throw new Error("not a Chat");
  return frame.value.said.chat;
}

describe("a chat as it is written again", () => {
  test("[spreed 46] has no keys in its Status that are unknown, and all that are known", () => {
    const known = {
      Typing: "start",
      State: "delivered",
      Mid: "m1",
      SeenMids: ["m1", "m2"],
      FileInfo: { id: "file_1", chunks: 3, name: "a.txt", size: 60_000, type: "text/plain" },
      Geolocation: { accuracy: 10.5, latitude: -1.25, longitude: 3, altitude: 4, altitudeAccuracy: 5 },
      ContactRequest: { Id: "c1", Success: true, Userid: "u1", Token: "t" },
      AutoCall: { Id: "a1", Type: "conference" },
    };
    const sent = {
      ...known,
      More: 1,
      FileInfo: { ...known.FileInfo, path: "/etc" },
      AutoCall: { ...known.AutoCall, x: 1 },
    };
    expect(read({ Message: "x", Status: sent, Colour: "red" })).toEqual({ Message: "x", Time: "", Status: known });
  });

  test("has zeros where a file says nothing, and no zeros of a place", () => {
    const chat = read({ Status: { FileInfo: {}, Geolocation: { latitude: 0, longitude: null }, ContactRequest: {} } });
    expect(chat.Status).toEqual({
      FileInfo: { id: "", chunks: 0, name: "", size: 0, type: "" },
      Geolocation: {},
      ContactRequest: { Id: "", Success: false },
    });
  });

  test("tells the same whichever way it was read before", () => {
    const once = read({ Message: "x", NoEcho: true, Mid: "m", Time: "t", Status: { Typing: "stop", SeenMids: [] } });
    expect(read(once)).toEqual(once);
    expect(once).toEqual({ Message: "x", Time: "t", NoEcho: true, Mid: "m", Status: { Typing: "stop" } });
  });

  test("has the server's time, in seconds, whatever its sender said", () => {
    expect(timed({ ...hi, Time: "yesterday" }, 1_772_355_600_999).Time).toBe("2026-03-01T09:00:00Z");
    expect(rfc3339(-1)).toBe("1970-01-01T00:00:00Z");
    expect(rfc3339(8.64e15)).toBe("9999-12-31T23:59:59Z");
  });
});

describe("what is done with a chat", () => {
  test("to the room: an echo unless there is to be none, a message to the others, no receipt", () => {
    expect(planChat("", { ...hi, Mid: "m" }, true)).toEqual({
      echo: { ...hi, Mid: "m" },
      deliver: { to: "room" },
      counts: "broadcast",
    });
    expect(planChat("", { ...hi, NoEcho: true }, true)).toEqual({ deliver: { to: "room" }, counts: "broadcast" });
  });

  test("to a room that the sender is not in: an echo at most", () => {
    expect(planChat("", hi, false)).toEqual({ echo: hi });
    expect(planChat("", { ...hi, NoEcho: true }, false)).toEqual({});
  });

  test("to a session: also from outside any room, with a receipt where it has a Mid", () => {
    const sent = { Message: "", Time: "", Mid: "m", Status: { State: "sent" } };
    expect(planChat("P", { ...hi, NoEcho: true, Mid: "m" }, false)).toEqual({
      deliver: { to: "session", session: "P" },
      counts: "unicast",
      sent,
    });
  });

  test("a Mid inside the Status triggers no receipt, and a chat with a Status is not counted", () => {
    const delivered: ChatMessage = { ...hi, NoEcho: true, Status: { State: "delivered", Mid: "m" } };
    expect(planChat("P", delivered, true)).toEqual({ deliver: { to: "session", session: "P" } });
  });

  test("a contact request to a session is judged first, one to a room is none", () => {
    const request = { Id: "c", Success: false };
    const chat: ChatMessage = { ...hi, NoEcho: true, Status: { ContactRequest: request } };
    expect(planChat("P", chat, true)).toEqual({ deliver: { to: "session", session: "P" }, contact: request });
    expect(planChat("", chat, true)).not.toHaveProperty("contact");
  });
});

describe("a contact request", () => {
  const ann = { userid: "u1", contacts: true };
  test.for<[string, Parameters<typeof judgeContact>, object]>([
    ["that is new", [{ Id: "c", Success: false }, ann], { step: "ask" }],
    ["that is accepted", [{ Id: "c", Success: true, Token: "t" }, ann], { step: "accept", token: "t" }],
    ["that is rejected", [{ Id: "c", Success: false, Token: "t" }, ann], { step: "reject" }],
    ["that is accepted without a token", [{ Id: "c", Success: true }, ann], { step: "drop", why: "no token" }],
    [
      "of nobody",
      [
        { Id: "c", Success: false },
        { ...ann, userid: "" },
      ],
      { step: "drop", why: "no account" },
    ],
    [
      "where there are none",
      [
        { Id: "c", Success: false },
        { ...ann, contacts: false },
      ],
      { step: "drop", why: "contacts are off" },
    ],
  ])("%s", ([, [request, sender], step]) => {
    expect(judgeContact(request, sender)).toEqual(step);
  });

  test("is delivered in its sender's name and with the server's token alone", () => {
    const forged: ChatMessage = {
      ...hi,
      Status: { ContactRequest: { Id: "c", Success: false, Userid: "root", Token: "x" } },
    };
    expect(settleContact(forged, "u1", "new").Status?.ContactRequest).toEqual({
      Id: "c",
      Success: false,
      Userid: "u1",
      Token: "new",
    });
    expect(settleContact(forged, "u1", "").Status?.ContactRequest).toEqual({ Id: "c", Success: false, Userid: "u1" });
    expect(settleContact(hi, "u1", "new")).toBe(hi);
  });
});
