// The state of the plain model, and its copies; for tests only.
import type { Epoch, MemberId, MemberState, Position, Profile, Role, SessionId } from "@heliograph/protocol";
import type { DataCopy, LettersCopy, MarkCopy, RoomCopy, SettingsCopy } from "./copy.ts";

export interface PlainMember {
  readonly id: MemberId;
  readonly session: SessionId;
  readonly profile: Profile;
  readonly role: Role;
  readonly state: MemberState;
  readonly since: number;
  readonly grace: number;
  readonly epoch: Epoch;
  /** Every counter that was applied. */
  readonly said: readonly number[];
  readonly joined: Position;
  readonly marks: readonly string[];
}

export interface PlainDeparted {
  readonly id: MemberId;
  readonly epoch: Epoch;
  readonly said: readonly number[];
  readonly left: number;
}

export interface PlainBan {
  readonly member: string;
  readonly session: string;
  readonly marks: readonly string[];
}

export interface PlainRoom {
  readonly at: Position;
  readonly rules: number;
  readonly settings: SettingsCopy;
  readonly bans: readonly PlainBan[];
  readonly members: readonly PlainMember[];
  readonly departed: readonly PlainDeparted[];
  readonly data: readonly DataCopy[];
  readonly versions: number;
  /** When the last member of a room that lingers left it. */
  readonly emptied: number | null;
  /** Every letter that counted, as its writer counted it, the latest last. */
  readonly letters: readonly LettersCopy[];
  /** Every entry since the beginning or the last adoption. */
  readonly history: readonly { readonly at: Position; readonly heard: boolean }[];
  readonly adopted: { readonly at: Position; readonly reborn: boolean } | null;
}

export const newSettings: SettingsCopy = { capacity: 0, pin: null, locked: false, type: "adhoc", presence: "full" };

export const plainFresh: PlainRoom = {
  at: { seq: 0, index: 0, time: 0 },
  rules: 1,
  settings: newSettings,
  bans: [],
  members: [],
  departed: [],
  data: [],
  versions: 0,
  emptied: null,
  letters: [],
  history: [],
  adopted: null,
};

export function isEarlier(a: Position, b: Position): boolean {
  if (a.time !== b.time) return a.time < b.time;
  return a.seq === b.seq ? a.index < b.index : a.seq < b.seq;
}

export function plainOf(copy: RoomCopy, at: Position, reborn: boolean): PlainRoom {
  return {
    at,
    rules: copy.rules,
    settings: copy.settings,
    bans: copy.bans.map((line) => {
      const [member = "", session = "", ...marks] = line.split("\n");
      return { member, session, marks };
    }),
    members: copy.members.map(({ mark, ...member }) => ({ ...member, said: countersOf(mark) })),
    departed: copy.departed.map(({ mark, ...departed }) => ({ ...departed, said: countersOf(mark) })),
    data: copy.data,
    versions: copy.versions,
    emptied: copy.emptied ?? null,
    letters: copy.letters ?? [],
    history: [{ at, heard: true }],
    adopted: { at, reborn },
  };
}

function countersOf({ n, low, high }: MarkCopy): number[] {
  const said = n === 0 ? [] : [n];
  for (let below = 1; below <= 64; below += 1) {
    const word = below <= 32 ? low : high;
    if ((word / 2 ** ((below - 1) % 32)) % 2 >= 1) said.push(n - below);
  }
  return said;
}

function markOf(said: readonly number[]): MarkCopy {
  const n = Math.max(0, ...said);
  let low = 0;
  let high = 0;
  for (const one of said) {
    const below = n - one;
    if (below >= 1 && below <= 32) low += 2 ** (below - 1);
    if (below >= 33 && below <= 64) high += 2 ** (below - 33);
  }
  return { n, low, high };
}

/** The copy that the machine must give. */
export function plainCopy(room: PlainRoom, logLife: number): RoomCopy {
  const inLife = room.history.filter(({ at }) => at.time >= room.at.time - logLife);
  return {
    at: room.at,
    rules: room.rules,
    settings: room.settings,
    bans: room.bans.map(({ member, session, marks }) => [member, session, ...marks].join("\n")),
    members: room.members.map(({ said, ...member }) => ({ ...member, mark: markOf(said) })),
    departed: room.departed.map(({ said, ...departed }) => ({ ...departed, mark: markOf(said) })),
    data: room.data,
    versions: room.versions,
    ...(room.emptied === null ? {} : { emptied: room.emptied }),
    ...(room.letters.length === 0 ? {} : { letters: lastLetters(room.letters) }),
    effects: heardLast(room),
    idle: inLife.filter(({ heard }) => !heard).map(({ at }) => at),
    adopted: room.adopted,
  };
}

/** Of each writer the last one. */
function lastLetters(letters: readonly LettersCopy[]): LettersCopy[] {
  return letters.filter(({ by }, i) => letters.findLastIndex((other) => other.by === by) === i);
}

function heardLast(room: PlainRoom): Position[] {
  return room.history
    .filter(({ heard }) => heard)
    .slice(-64)
    .map(({ at }) => at);
}

/** For positions that entries really had. */
export function plainRecall(room: PlainRoom, position: Position): "complete" | "too_old" {
  const first = heardLast(room)[0];
  return first !== undefined && isEarlier(position, first) ? "too_old" : "complete";
}

export function plainHadEffect(room: PlainRoom, position: Position, logLife: number): boolean {
  const heard = (one: { at: Position; heard: boolean }): boolean => one.heard && isSame(one.at, position);
  if (position.time >= room.at.time - logLife) return room.history.some(heard);
  return heardLast(room).some((one) => isSame(one, position));
}

function isSame(a: Position, b: Position): boolean {
  return a.seq === b.seq && a.index === b.index && a.time === b.time;
}
