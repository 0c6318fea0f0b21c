// What one applied entry gives its room's clients: at most one event, and at most one answer to its author.
import type {
  Body,
  MemberChange,
  MemberId,
  Position,
  Reason,
  RoomEvent,
  RoomName,
  SessionId,
} from "@heliograph/protocol";
import type { Effect } from "./room/effect.ts";
import type { Entry } from "./room/entry.ts";
import { entryBytes } from "./room/entry.ts";
import type { Member } from "./room/member.ts";
import type { Room } from "./room/room.ts";

/**
 * Kept in the ring for resumes, so it holds no mutable state. One event per entry: a client's position says exactly
 * what it has heard.
 */
export interface Told {
  readonly position: Position;
  readonly bytes: number;
  readonly event: RoomEvent | undefined;
  /** `all`: its author too; `others`: everybody else; or one member. */
  readonly audience: "all" | "others" | MemberId;
  readonly author: MemberId | undefined;
  readonly n: number;
  readonly answer: "ack" | Reason | undefined;
  readonly detail: string | undefined;
}

/**
 * What the entry, applied at this position with this effect, gives the clients of `state`; undefined: nothing. Who says
 * something is named by the string that its member has: the ring would keep the entry's own one of every message.
 */
export function tell(room: RoomName, state: Room, entry: Entry, effect: Effect, position: Position): Told | undefined {
  switch (effect.type) {
    case "signal":
      if (entry.kind !== "signal") return undefined;
      return toldOf(
        entry,
        position,
        { type: "signal", room, from: effect.from.id, body: entry.body, position },
        effect.to.id,
        "ack",
      );
    case "broadcast":
      if (entry.kind !== "broadcast") return undefined;
      return toldOf(
        entry,
        position,
        { type: "broadcast", room, from: effect.from.id, body: entry.body, position },
        "others",
        "ack",
      );
    case "letter":
      if (entry.kind !== "letter") return undefined;
      return toldOf(entry, position, letterOf(room, entry, position), effect.to.id, undefined);
    case "none":
    case "unknown_kind":
    case "kept":
    case "adopted":
    case "upgraded":
    case "answered_again":
      return undefined;
    case "refused":
      return toldOf(entry, position, undefined, "others", effect.reason, effect.detail);
    case "repeated":
      return toldOf(entry, position, undefined, "others", "ack");
    case "joined":
      return ofMember(room, entry, position, effect.member, { change: "joined", member: effect.member.view() });
    case "back":
      if (!effect.fromAway) return undefined;
      return ofMember(room, entry, position, effect.member, { change: "back", member: effect.member.view() });
    case "away":
      return ofMember(room, entry, position, effect.member, { change: "away", member: effect.member.view() });
    case "left":
      return ofMember(room, entry, position, effect.member, left(effect.member, effect.why, effect.successor));
    case "profile": {
      const what: MemberChange = { change: "updated", member: effect.member.view() };
      return toldOf(entry, position, { type: "member", room, position, what }, "all", "ack");
    }
    case "data":
      if (entry.kind !== "data") return undefined;
      return toldOf(entry, position, { type: "data", room, position, by: entry.from, ...effect.change }, "all", "ack");
    case "settings": {
      if (entry.kind !== "settings") return undefined;
      const settings = state.settingsView();
      return toldOf(entry, position, { type: "settings", room, position, by: entry.from, settings }, "all", "ack");
    }
    case "moderated": {
      if (entry.kind !== "moderate") return undefined;
      const { from, action } = entry;
      return toldOf(entry, position, { type: "moderated", room, position, by: from, action }, "all", "ack");
    }
    default:
      return effect satisfies never;
  }
}

export function letterOf(
  room: RoomName,
  { sender, body }: { readonly sender?: SessionId; readonly body: Body },
  position: Position,
): RoomEvent {
  return { type: "letter", room, ...(sender === undefined ? {} : { from: sender }), body, position };
}

/** Only what a member said with a counter is answered. */
function toldOf(
  entry: Entry,
  position: Position,
  event: RoomEvent | undefined,
  audience: Told["audience"],
  answer: Told["answer"],
  detail?: string,
): Told {
  const author = "from" in entry ? entry.from : undefined;
  const n = "n" in entry ? entry.n : 0;
  return {
    position,
    bytes: entryBytes(entry),
    event,
    audience,
    author,
    n,
    answer: n === 0 ? undefined : answer,
    detail,
  };
}

/** Who came or went knows it by its own answer. */
function ofMember(room: RoomName, entry: Entry, position: Position, { id }: Member, what: MemberChange): Told {
  const told = toldOf(entry, position, { type: "member", room, position, what }, "others", "ack");
  return told.author === id ? told : { ...told, author: id };
}

function left(member: Member, why: "left" | "lost", successor: Member | undefined): MemberChange {
  return { change: "left", id: member.id, why, ...(successor === undefined ? {} : { successor: successor.id }) };
}
