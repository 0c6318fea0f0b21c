// Who may not come back. A ban is one line of words: the member, its session, and the marks it came with.
import type { MemberId, SessionId } from "@heliograph/protocol";
import type { Member } from "./member.ts";

/** Lists are replaced, never changed, so that copies share them. */
export type Bans = readonly string[];

export const noBans: Bans = [];
const mostBans = 1000;
/** Stands in no id; a mark that holds it counts as several. */
const separator = "\n";

export function isBanned(bans: Bans, id: MemberId | undefined, session: SessionId, marks: readonly string[]): boolean {
  return bans.some((line) => {
    const [member, banned, ...others] = line.split(separator);
    return banned === session || member === id || others.some((word) => marks.includes(word));
  });
}

/** The oldest goes when there are too many. Someone who is not in is known by its id alone, which may be its session. */
export function withBan(bans: Bans, id: MemberId, target: Member | undefined): Bans {
  if (target === undefined && bans.some((line) => names(line, id))) return bans;
  const line = [id, target?.session ?? id, ...(target?.marks ?? [])].join(separator);
  return [...withoutBan(bans, id), line].slice(-mostBans);
}

export function withoutBan(bans: Bans, id: MemberId): Bans {
  return bans.filter((line) => !names(line, id));
}

/** By the member's id, or by its session's. */
function names(line: string, id: MemberId): boolean {
  const [member, session] = line.split(separator);
  return member === id || session === id;
}
