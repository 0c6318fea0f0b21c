// Tells entries older than the loaded state, for a client that has not heard them.
import type { MemberId, Position, RoomEvent, RoomName } from "@heliograph/protocol";
import { comparePositions, memberOfSession, ownerOf } from "@heliograph/protocol";
import type { Stored } from "./ports/log.ts";
import type { Entry } from "./room/entry.ts";
import { entryBytes } from "./room/entry.ts";
import type { Room } from "./room/room.ts";
import { letterOf, type Told } from "./told.ts";

/**
 * Judged by the recorded effect, never by applying: a refused, fenced or doubled entry must not be delivered on
 * replay. Only what was said and who came and went is told; settings and values come with the view that follows,
 * since their state of that moment is no longer known.
 */
export function retell(room: Room, name: RoomName, bundles: readonly Stored[], after: Position): Told[] {
  const told: Told[] = [];
  const there = new Set<MemberId>();
  for (const bundle of bundles) {
    bundle.entries.forEach((entry, index) => {
      const position = { seq: bundle.seq, index, time: bundle.time };
      if (position.seq < after.seq || (position.seq === after.seq && index <= after.index)) return;
      if (!room.hadEffect(position)) return;
      if (entry.kind === "join" && isComingBack(room, there, entry.from, position)) return;
      note(there, entry);
      const one = retellOne(name, entry, position);
      if (one !== undefined) told.push(one);
    });
  }
  return told;
}

/** A join took an away member's stay over: that is a change of state, and the view has it. */
function isComingBack(room: Room, there: ReadonlySet<MemberId>, id: MemberId, position: Position): boolean {
  const stay = room.member(id)?.joined;
  return there.has(id) || (stay !== undefined && comparePositions(stay, position) < 0);
}

/** Who is known to be in the room by what is told of it. */
function note(there: Set<MemberId>, entry: Entry): void {
  switch (entry.kind) {
    case "join":
      there.add(entry.from);
      return;
    case "away":
    case "back":
      there.add(entry.member);
      return;
    case "leave":
      there.delete(entry.from);
      return;
    case "left":
      there.delete(entry.member);
      return;
    case "moderate":
      if (entry.action.action === "remove" || entry.action.action === "ban") there.delete(entry.action.member);
      return;
    default:
      return;
  }
}

function retellOne(room: RoomName, entry: Entry, position: Position): Told | undefined {
  const bytes = entryBytes(entry);
  const base = { position, bytes, detail: undefined };
  const others = (event: RoomEvent | undefined, author: Told["author"], n = 0): Told => ({
    ...base,
    event,
    audience: "others",
    author,
    n,
    answer: n === 0 ? undefined : "ack",
  });
  switch (entry.kind) {
    case "join":
      return others(
        {
          type: "member",
          room,
          position,
          what: {
            change: "joined",
            member: { id: entry.from, profile: entry.profile, role: entry.role ?? "participant", state: "present" },
          },
        },
        entry.from,
      );
    case "leave":
      return others(
        {
          type: "member",
          room,
          position,
          what: { change: "left", id: entry.from, why: entry.lost === true ? "lost" : "left" },
        },
        entry.from,
        entry.n,
      );
    case "left":
      return others(
        { type: "member", room, position, what: { change: "left", id: entry.member, why: "lost" } },
        entry.member,
      );
    case "signal":
      return {
        ...others({ type: "signal", room, from: entry.from, body: entry.body, position }, entry.from, entry.n),
        audience: entry.to,
      };
    case "letter": {
      const owner = ownerOf(room);
      if (owner === undefined) return undefined;
      return { ...others(letterOf(room, entry, position), undefined), audience: memberOfSession(owner) };
    }
    case "broadcast":
      return others({ type: "broadcast", room, from: entry.from, body: entry.body, position }, entry.from, entry.n);
    case "moderate":
      return {
        ...others({ type: "moderated", room, position, by: entry.from, action: entry.action }, entry.from, entry.n),
        audience: "all",
      };
    case "profile":
    case "data":
    case "settings":
      return others(undefined, entry.from, entry.n);
    default:
      return undefined;
  }
}
