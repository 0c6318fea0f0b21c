// The difference between two copies of a room: what a scribe sends instead of the whole.
import type { Body, MemberId, Position } from "@heliograph/protocol";
import { sameEpoch } from "@heliograph/protocol";
import type { AdoptionCopy, DataCopy, DepartedCopy, LettersCopy, MemberCopy, RoomCopy, SettingsCopy } from "./copy.ts";
import { inOrderOfJoins, inOrderOfVersions } from "./copy-order.ts";

export interface CopyChanges {
  readonly at: Position;
  readonly rules: number;
  readonly adopted: AdoptionCopy | null;
  readonly settings: SettingsCopy;
  readonly bans: readonly string[];
  readonly departed: readonly DepartedCopy[];
  readonly versions: number;
  readonly emptied?: number;
  readonly letters?: readonly LettersCopy[];
  readonly effects: readonly Position[];
  readonly idle: readonly Position[];
  /** New or changed since: each replaces the member of its id. */
  readonly members: readonly MemberCopy[];
  readonly membersGone: readonly MemberId[];
  /** New or changed since: each replaces the value of its key. */
  readonly data: readonly DataCopy[];
  readonly dataGone: readonly string[];
}

/** What must be known of a copy to tell how a later one differs: little, since it is held for every room between two writes. */
export type CopyBase = Pick<RoomCopy, "at" | "members" | "data">;

export function baseOf({ at, members, data }: RoomCopy): CopyBase {
  return { at, members, data };
}

/** What turns `before` into `after`. */
export function changesBetween(before: CopyBase, after: RoomCopy): CopyChanges {
  const { members, data, ...rest } = after;
  const hadMembers = new Map(before.members.map((member) => [member.id, member]));
  const hadData = new Map(before.data.map((datum) => [datum.key, datum]));
  const changedMembers = members.filter((member) => !isSameMember(hadMembers.get(member.id), member));
  const changedData = data.filter((datum) => !isSameDatum(hadData.get(datum.key), datum));
  for (const member of members) hadMembers.delete(member.id);
  for (const datum of data) hadData.delete(datum.key);
  return {
    ...rest,
    members: changedMembers,
    membersGone: [...hadMembers.keys()],
    data: changedData,
    dataGone: [...hadData.keys()],
  };
}

/** Inverse of `changesBetween`: `before` moved on by `changes`. */
export function withChanges(before: RoomCopy, changes: CopyChanges): RoomCopy {
  const { members, membersGone, data, dataGone, ...rest } = changes;
  const nowMembers = new Map([...before.members, ...members].map((member) => [member.id, member]));
  const nowData = new Map([...before.data, ...data].map((datum) => [datum.key, datum]));
  for (const id of membersGone) nowMembers.delete(id);
  for (const key of dataGone) nowData.delete(key);
  return {
    ...rest,
    members: inOrderOfJoins([...nowMembers.values()]),
    data: inOrderOfVersions([...nowData.values()]),
  };
}

/** What a stay was begun with cannot change in it, so its first position stands for all of that. */
function isSameMember(before: MemberCopy | undefined, after: MemberCopy): boolean {
  return (
    before !== undefined &&
    isSamePosition(before.joined, after.joined) &&
    before.state === after.state &&
    before.since === after.since &&
    before.role === after.role &&
    isSameProfile(before, after) &&
    before.mark.n === after.mark.n &&
    before.mark.low === after.mark.low &&
    before.mark.high === after.mark.high &&
    sameEpoch(before.epoch, after.epoch)
  );
}

function isSameProfile({ profile: before }: MemberCopy, { profile: after }: MemberCopy): boolean {
  return (
    before.name === after.name &&
    before.status === after.status &&
    before.picture === after.picture &&
    isSameBody(before.own, after.own)
  );
}

function isSameBody(before: Body | undefined, after: Body | undefined): boolean {
  if (before === undefined || after === undefined) return before === after;
  return before.codec === after.codec && isSameBytes(before.bytes, after.bytes);
}

/** A version is given once in a room's life, but an adoption may take it back and give it to something else. */
function isSameDatum(before: DataCopy | undefined, after: DataCopy): boolean {
  return (
    before !== undefined &&
    before.version === after.version &&
    before.owner === after.owner &&
    isSameBody(before.value, after.value)
  );
}

function isSameBytes(before: Uint8Array, after: Uint8Array): boolean {
  return before === after || (before.length === after.length && before.every((byte, i) => byte === after[i]));
}

function isSamePosition(a: Position, b: Position): boolean {
  return a.seq === b.seq && a.index === b.index && a.time === b.time;
}
