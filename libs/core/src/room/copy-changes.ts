// The difference between two copies of a room: what a scribe sends instead of the whole.
import type { MemberId, Position } from "@heliograph/protocol";
import { sameEpoch } from "@heliograph/protocol";
import type { AdoptionCopy, DataCopy, DepartedCopy, MemberCopy, RoomCopy, SettingsCopy } from "./copy.ts";

export interface CopyChanges {
  readonly at: Position;
  readonly rules: number;
  readonly adopted: AdoptionCopy | null;
  readonly settings: SettingsCopy;
  readonly bans: readonly string[];
  readonly departed: readonly DepartedCopy[];
  readonly versions: number;
  readonly effects: readonly Position[];
  readonly idle: readonly Position[];
  /** New or changed since, in order of their joins. Whoever was there keeps its place; the new stand at the end. */
  readonly members: readonly MemberCopy[];
  /** To be taken out before `members` are put in: who left and joined again is in both. */
  readonly membersGone: readonly MemberId[];
  /** New or changed since, in order of their versions: they stand at the end, whether their keys were there or not. */
  readonly data: readonly DataCopy[];
  readonly dataGone: readonly string[];
}

/** What turns `before` into `after`, order included. */
export function changesBetween(before: RoomCopy, after: RoomCopy): CopyChanges {
  const { members, data, ...rest } = after;
  const seats = new Map(before.members.map((member, seat) => [member.id, { member, seat }]));
  const changedMembers: MemberCopy[] = [];
  let lastSeat = -1;
  for (const member of members) {
    const had = seats.get(member.id);
    if (had !== undefined && had.seat > lastSeat && isSameStay(had.member, member)) {
      lastSeat = had.seat;
      seats.delete(member.id);
      if (!isSameMember(had.member, member)) changedMembers.push(member);
    } else {
      // It stands behind all that were there; so does everyone after it.
      lastSeat = before.members.length;
      changedMembers.push(member);
    }
  }
  const keys = new Map(before.data.map((datum) => [datum.key, datum]));
  const firstChanged = data.findIndex((datum) => !isSameDatum(keys.get(datum.key), datum));
  // Versions rise, so what follows a change is one too, but after an adoption: then it moves to the end with the rest.
  const changedData = firstChanged < 0 ? [] : data.slice(firstChanged);
  for (const datum of data) keys.delete(datum.key);
  return {
    ...rest,
    members: changedMembers,
    membersGone: [...seats.keys()],
    data: changedData,
    dataGone: [...keys.keys()],
  };
}

/** Inverse of `changesBetween`: `before` moved on by `changes`. */
export function withChanges(before: RoomCopy, changes: CopyChanges): RoomCopy {
  const { members, membersGone, data, dataGone, ...rest } = changes;
  const gone = new Set(membersGone);
  const changed = new Map(members.map((member) => [member.id, member]));
  const keptMembers = before.members.filter((member) => !gone.has(member.id));
  const stillThere = new Set(keptMembers.map((member) => member.id));
  const replacedData = new Set([...dataGone, ...data.map((datum) => datum.key)]);
  return {
    ...rest,
    members: [
      ...keptMembers.map((member) => changed.get(member.id) ?? member),
      ...members.filter((member) => !stillThere.has(member.id)),
    ],
    data: [...before.data.filter((datum) => !replacedData.has(datum.key)), ...data],
  };
}

function isSameStay(before: MemberCopy, after: MemberCopy): boolean {
  return isSamePosition(before.joined, after.joined) && before.session === after.session;
}

/** Of one stay: the rest cannot change. */
function isSameMember(before: MemberCopy, after: MemberCopy): boolean {
  return (
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
  return before.name === after.name && before.status === after.status && before.picture === after.picture;
}

/** A version is given once in a room's life; after an adoption it may have been given to something else. */
function isSameDatum(before: DataCopy | undefined, after: DataCopy): boolean {
  return (
    before !== undefined &&
    before.version === after.version &&
    before.owner === after.owner &&
    before.value.codec === after.value.codec &&
    isSameBytes(before.value.bytes, after.value.bytes)
  );
}

function isSameBytes(before: Uint8Array, after: Uint8Array): boolean {
  return before === after || (before.length === after.length && before.every((byte, i) => byte === after[i]));
}

function isSamePosition(a: Position, b: Position): boolean {
  return a.seq === b.seq && a.index === b.index && a.time === b.time;
}
