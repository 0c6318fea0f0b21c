// The order in which copies list members and values: told by what they are, so that a store may keep them in any.
import type { DataCopy, MemberCopy } from "./copy.ts";
import { compareInTime } from "./positions.ts";

export function inOrderOfJoins(members: readonly MemberCopy[]): MemberCopy[] {
  return members.toSorted((a, b) => compareInTime(a.joined, b.joined));
}

export function inOrderOfVersions(data: readonly DataCopy[]): DataCopy[] {
  return data.toSorted((a, b) => a.version - b.version);
}
