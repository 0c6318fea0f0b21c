// Spreed rooms by type and name, and the names they have in the cluster, where native clients meet them.
import type { Outcome, RoomName } from "@heliograph/protocol";
import { parseRoomName } from "@heliograph/protocol";
import type { SpreedRoomType } from "./room-type.ts";
import { parseRoomType } from "./room-type.ts";

export interface SpreedRoom {
  readonly type: SpreedRoomType;
  /** As a client gave it; empty: the default room. */
  readonly name: string;
}

const prefixed = /^(Room|Conference):(.*)$/s;

/** What tells rooms apart: names that differ in case alone are one room unless case counts. */
export function roomKeyOf(name: string, caseSensitive: boolean): string {
  // One by one: the lower case of a whole text has rules for the ends of words, and prefixes would fold differently.
  return caseSensitive ? name : [...name].map((character) => character.toLowerCase()).join("");
}

/** The original's own name of a room, which is also the id of a conference room's conference. */
export function spreedRoomId({ type, name }: SpreedRoom, caseSensitive: boolean): string {
  return `${type}:${roomKeyOf(name, caseSensitive)}`;
}

/**
 * A named room of type Room has its plain name, so that native clients and Spreed clients meet in it. All others, and names
 * that would look like one of them, bear their type in front: two rooms never share a name.
 */
export function roomNameOf(room: SpreedRoom, caseSensitive: boolean): Outcome<RoomName> {
  const key = roomKeyOf(room.name, caseSensitive);
  const plain = room.type === "Room" && key !== "" && !prefixed.test(key);
  return parseRoomName(plain ? key : `${room.type}:${key}`);
}

/** The Spreed room of that name, in the case in which the cluster knows it; undefined: no Spreed client can name it. */
export function spreedRoomOf(name: RoomName, caseSensitive: boolean): SpreedRoom | undefined {
  const parts = prefixed.exec(name);
  const type = parts === null ? "Room" : parseRoomType(parts[1] ?? "");
  if (type === undefined) return undefined;
  const room = { type, name: parts === null ? name : (parts[2] ?? "") };
  const back = roomNameOf(room, caseSensitive);
  return back.ok && back.value === name ? room : undefined;
}
