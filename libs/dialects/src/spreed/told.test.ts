import type { IceGrant, MemberChange, MemberView } from "@heliograph/protocol";
import { parseMemberId, reasons } from "@heliograph/protocol";
import { describe, expect, test } from "vitest";
import { conferenceTargets, serverConference } from "./conference.ts";
import { broadcast, conference, echo, reply, unicast } from "./envelope.ts";
import { errorCodeOf } from "./error-code.ts";
import type { Own } from "./own.ts";
import { nothingOwn } from "./own.ts";
import { moderationOf, presenceOf } from "./presence.ts";
import {
  writeConference,
  writeEntry,
  writeError,
  writeJoined,
  writeLeft,
  writeRoom,
  writeSelf,
  writeSessions,
  writeStatus,
  writeUsers,
  writeWelcome,
} from "./told.ts";

const ann: Own = { Ua: "Chrome 120", Rev: 4, Userid: "u7", Status: { displayName: "Ann" } };
const sender = { id: "A", attestation: "a" };
const noIce: IceGrant = { iceServers: [], ttl: 0, expiry: "never", degraded: false };

describe("a document", () => {
  test("Self has all its keys, and objects where there is no ICE", () => {
    const facts = { id: "A", sid: "S", userid: "", suserid: "", token: "t", version: "1", ice: noIce };
    expect(writeSelf(facts)).toEqual({
      Type: "Self",
      Id: "A",
      Sid: "S",
      Userid: "",
      Suserid: "",
      Token: "t",
      Version: "1",
      ApiVersion: 1.4,
      Turn: { username: "", password: "", ttl: 0 },
      Stun: [],
    });
  });

  test("Welcome is flat, with a Room that tells its PIN and with entries that are online", () => {
    expect(writeWelcome(writeRoom("Room", "Lobby", "4711"), [writeEntry("A", ann)])).toEqual({
      Type: "Welcome",
      Room: { Type: "Room", Name: "Lobby", Credentials: { PIN: "4711" } },
      Users: [
        { Type: "Online", Id: "A", Userid: "u7", Ua: "Chrome 120", Rev: 4, Prio: 100, Status: { displayName: "Ann" } },
      ],
    });
    expect(writeRoom("Conference", "", "")).toEqual({ Type: "Conference", Name: "", Credentials: null });
  });

  test("leaves out what is empty", () => {
    expect(writeUsers([writeEntry("A", nothingOwn)])).toEqual({
      Type: "Users",
      Users: [{ Type: "Online", Id: "A", Prio: 100 }],
    });
    expect(writeJoined("A", nothingOwn)).toEqual({ Type: "Joined", Id: "A", Prio: 100 });
    expect(writeStatus("A", nothingOwn)).toEqual({ Type: "Status", Id: "A", Prio: 100 });
  });

  test("Joined has no Rev, Status has no Ua", () => {
    const { Userid, Ua, Status } = ann;
    expect(writeJoined("A", ann)).toEqual({ Type: "Joined", Id: "A", Userid, Ua, Prio: 100, Status });
    expect(writeStatus("A", ann)).toEqual({ Type: "Status", Id: "A", Userid, Rev: 4, Prio: 100, Status });
  });

  test("Sessions repeats what was asked, with entries of no Type", () => {
    expect(writeSessions("session", "t", [writeEntry("A", nothingOwn, "")])).toEqual({
      Type: "Sessions",
      Sessions: { Token: "t", Type: "session" },
      Users: [{ Type: "", Id: "A", Prio: 100 }],
    });
  });
});

describe("an envelope", () => {
  const left = writeLeft("A", "hard");
  test("to a room has no To and no Iid, and its sender's proof", () => {
    expect(broadcast(left, sender)).toEqual({ Data: left, From: "A", A: "a" });
  });

  test("to one session has a To; an echo has its sender's", () => {
    expect(unicast(left, sender, "B")).toEqual({ Data: left, From: "A", To: "B", A: "a" });
    expect(echo(left, sender)).toEqual({ Data: left, From: "A", To: "A", A: "a" });
  });

  test("of an answer comes from its receiver, with its Iid where it gave one, and proves nothing", () => {
    const error = writeError("not_in_room", "x");
    expect(reply(error, "B", "7")).toEqual({ Data: error, From: "B", Iid: "7" });
    expect(reply(error, "B")).toEqual({ Data: error, From: "B" });
  });

  test("of the server's own conference comes from nobody", () => {
    const list = writeConference("Conference:x", ["A", "B"]);
    expect(conference(list)).toEqual({ Data: list, To: "Conference:x" });
  });
});

describe("a conference", () => {
  test("[spreed 50] of a client reaches each of its list but the sender, once", () => {
    const said = { type: "Conference", id: "c", members: ["A", "B", "C", "B", ""] } as const;
    expect(conferenceTargets(said, "A", "Room")).toEqual(["B", "C"]);
    expect(conferenceTargets(said, "A", undefined)).toEqual(["B", "C"]);
  });

  test("[spreed 36] of a client in a conference room reaches nobody", () => {
    expect(conferenceTargets({ type: "Conference", id: "c", members: ["A", "B"] }, "A", "Conference")).toEqual([]);
  });

  test("of the server is told where there is anyone to call", () => {
    expect(serverConference("Conference", "Conference:x", ["A", "B"])).toEqual(
      writeConference("Conference:x", ["A", "B"]),
    );
    expect(serverConference("Conference", "Conference:x", ["A"])).toBeUndefined();
    expect(serverConference("Room", "Room:x", ["A", "B"])).toBeUndefined();
  });
});

describe("members", () => {
  const id = memberId("A");
  const member: MemberView = { id, profile: {}, role: "participant", state: "present" };
  const told = (change: MemberChange) => presenceOf(change, () => ann);

  test("come, change and go in the dialect's words", () => {
    expect(told({ change: "joined", member })).toEqual(writeJoined("A", ann));
    expect(told({ change: "updated", member })).toEqual(writeStatus("A", ann));
    expect(told({ change: "left", id, why: "left" })).toEqual(writeLeft("A", "soft"));
    expect(told({ change: "left", id, why: "lost" })).toEqual(writeLeft("A", "hard"));
  });

  test("that are away and come back are not told of", () => {
    expect(told({ change: "away", member })).toBeUndefined();
    expect(told({ change: "back", member })).toBeUndefined();
    expect(told({ change: "count", count: 3 })).toBeUndefined();
  });

  test("that are put out have left", () => {
    expect(moderationOf({ action: "remove", member: id })).toEqual(writeLeft("A", "soft"));
    expect(moderationOf({ action: "ban", member: id })).toEqual(writeLeft("A", "soft"));
    expect(moderationOf({ action: "unban", member: id })).toBeUndefined();
    expect(moderationOf({ action: "mute", member: id, media: "all" })).toBeUndefined();
  });
});

test("every refusal has a code, and those of PINs have their own", () => {
  const told = Object.keys(reasons).map((reason) => errorCodeOf(reason as keyof typeof reasons));
  expect(told.every((code) => typeof code === "string")).toBe(true);
  expect(errorCodeOf("pin_required")).toBe("authorization_required");
  expect(errorCodeOf("pin_wrong")).toBe("invalid_credentials");
  expect(errorCodeOf("pin_not_needed")).toBe("authorization_not_required");
  expect(errorCodeOf("not_a_member")).toBe("not_in_room");
});

function memberId(text: string) {
  const parsed = parseMemberId(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.value;
}
