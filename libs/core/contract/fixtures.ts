// Rooms, members and entries that the suites speak of.
import type {
  MemberId,
  NodeId,
  Outcome,
  PictureId,
  Position,
  Realm,
  RoomKey,
  RoomName,
  SessionId,
} from "@heliograph/protocol";
import {
  parseMemberId,
  parseNodeId,
  parsePictureId,
  parseRealm,
  parseRoomName,
  parseSessionId,
  personalRoom,
  roomKey,
} from "@heliograph/protocol";
import type { RoomCopy } from "../src/room/copy.ts";
import type { Entry } from "../src/room/entry.ts";

function must<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.value;
}

export const realm: Realm = must(parseRealm("contract"));
export const otherRealm: Realm = must(parseRealm("contract-2"));

export function nodeId(i: number): NodeId {
  return must(parseNodeId(`node-${i}`.padEnd(22, "-")));
}

export function sessionId(i: number): SessionId {
  return must(parseSessionId(`session-${i}`.padEnd(22, "-")));
}

export function pictureId(i: number): PictureId {
  return must(parsePictureId(`picture-${i}`.padEnd(20, "-")));
}

export function memberId(i: number): MemberId {
  return must(parseMemberId(`member-${i}`));
}

let rooms = 0;

/** A name with characters that no technology's own names may contain, and that no case before used. */
export function freshRoomName(): RoomName {
  rooms += 1;
  return must(parseRoomName(`Stube > *.${rooms} é`));
}

/** Every third one is somebody's personal channel: nothing that keeps or carries rooms may tell them apart. */
export function freshRoom(): RoomKey {
  const name = freshRoomName();
  return roomKey(realm, rooms % 3 === 0 ? personalRoom(sessionId(rooms)) : name);
}

/** Says the number `n` as member `by`. */
export function said(n: number, by = 1): Entry {
  const bytes = new TextEncoder().encode(`"${by} says ${n}"`);
  return {
    kind: "broadcast",
    from: memberId(by),
    epoch: { attempt: 1, bump: 0, node: nodeId(by) },
    n,
    body: { codec: "json", bytes },
  };
}

/** What an entry made by `said` says, as one word. */
export function wordOf(entry: Entry | undefined): string {
  return entry?.kind === "broadcast" ? `${entry.from}:${entry.n}` : (entry?.kind ?? "nothing");
}

export function at(seq: number, time: number, index = 0): Position {
  return { seq, index, time };
}

/** The copy of a room that tells where it stands and is locked or not. */
export function copyAt(position: Position, template: RoomCopy, locked = false): RoomCopy {
  return { ...template, at: position, settings: { ...template.settings, locked } };
}
