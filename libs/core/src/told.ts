// What one applied entry gives its room's clients: at most one event, and at most one answer to its author.
import type { MemberChange, MemberId, Position, Reason, RoomEvent, RoomName } from "@heliograph/protocol";
import type { Effect } from "./room/effect.ts";
import type { Entry } from "./room/entry.ts";
import { entryBytes } from "./room/entry.ts";
import type { Member } from "./room/member.ts";

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

export function tell(
  room: RoomName,
  entry: Entry,
  effect: Effect,
  position: Position,
  settings: () => SettingsEvent,
): Told | undefined {
  const author = "from" in entry ? entry.from : undefined;
  const n = "n" in entry ? entry.n : 0;
  const told = (
    event: RoomEvent | undefined,
    audience: Told["audience"],
    answer: Told["answer"],
    detail?: string,
  ): Told => ({
    position,
    bytes: entryBytes(entry),
    event,
    audience,
    author,
    n,
    answer: n === 0 ? undefined : answer,
    detail,
  });
  const member = (what: MemberChange): RoomEvent => ({ type: "member", room, position, what });
  switch (effect.type) {
    case "none":
    case "unknown_kind":
    case "kept":
    case "adopted":
    case "upgraded":
    case "answered_again":
      return undefined;
    case "refused":
      return n === 0 ? undefined : told(undefined, "others", effect.reason, effect.detail);
    case "repeated":
      return told(undefined, "others", "ack");
    case "joined":
      return told(member({ change: "joined", member: effect.member.view() }), "others", undefined);
    case "back":
      if (!effect.fromAway) return undefined;
      return {
        ...told(member({ change: "back", member: effect.member.view() }), "others", undefined),
        author: effect.member.id,
      };
    case "away":
      return {
        ...told(member({ change: "away", member: effect.member.view() }), "others", undefined),
        author: effect.member.id,
      };
    case "left":
      return {
        ...told(member(left(effect.member, effect.why, effect.successor)), "others", "ack"),
        author: effect.member.id,
      };
    case "profile":
      return told(member({ change: "updated", member: effect.member.view() }), "all", "ack");
    case "signal":
      if (entry.kind !== "signal") return undefined;
      return told({ type: "signal", room, from: entry.from, body: entry.body, position }, effect.to.id, "ack");
    case "broadcast":
      if (entry.kind !== "broadcast") return undefined;
      return told({ type: "broadcast", room, from: entry.from, body: entry.body, position }, "others", "ack");
    case "data":
      if (author === undefined) return undefined;
      return told({ type: "data", room, position, by: author, ...effect.change }, "all", "ack");
    case "settings":
      if (author === undefined) return undefined;
      return told({ type: "settings", room, position, by: author, settings: settings() }, "all", "ack");
    case "moderated":
      if (entry.kind !== "moderate") return undefined;
      return told({ type: "moderated", room, position, by: entry.from, action: entry.action }, "all", "ack");
    default:
      return effect satisfies never;
  }
}

type SettingsEvent = Extract<RoomEvent, { type: "settings" }>["settings"];

function left(member: Member, why: "left" | "lost", successor: Member | undefined): MemberChange {
  return { change: "left", id: member.id, why, ...(successor === undefined ? {} : { successor: successor.id }) };
}
