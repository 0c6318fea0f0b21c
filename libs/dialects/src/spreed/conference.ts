// Conferences: whom a client's own list reaches, and when the server tells its list (section 2.11).
import type { SpreedRoomType } from "./room-type.ts";
import type { Conferring } from "./said.ts";
import type { ConferenceDocument } from "./told.ts";
import { writeConference } from "./told.ts";

/** @param room type of the sender's room, or of the last one; undefined: it has been in none */
export function conferenceTargets(
  said: Conferring,
  sender: string,
  room: SpreedRoomType | undefined,
): readonly string[] {
  if (room === "Conference") return [];
  // Once each: a list of one id a hundred times would make a hundred messages of one.
  return [...new Set(said.members)].filter((id) => id !== "" && id !== sender);
}

/** To all members after each Hello and each Room update. Undefined: nothing is told. @param id as of `spreedRoomId` */
export function serverConference(
  type: SpreedRoomType,
  id: string,
  members: readonly string[],
): ConferenceDocument | undefined {
  return type === "Conference" && members.length > 1 ? writeConference(id, members) : undefined;
}
