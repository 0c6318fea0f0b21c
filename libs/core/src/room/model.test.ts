// The room machine against its plainest form, over thousands of random logs.
import { isDeepStrictEqual } from "node:util";
import { parseRealm, personalRoom, type RoomKey, roomKey } from "@heliograph/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { session } from "./cast.ts";
import type { RoomCopy } from "./copy.ts";
import { changesBetween, withChanges } from "./copy-changes.ts";
import { digestOf } from "./digest.ts";
import type { Effect, Farewell } from "./effect.ts";
import type { Entry, JoinEntry, SaidEntry } from "./entry.ts";
import { type PlainEffect, plainApply } from "./model.ts";
import { type PlainRoom, plainCopy, plainFresh, plainHadEffect, plainRecall } from "./plain-room.ts";
import { Room } from "./room.ts";
import { Script, scriptLife } from "./script.ts";

const seed = 1_791_115;
const rules = { version: 6, logLife: scriptLife };
const owner = session("a");
const key = someKey();
const numbers = fc.noBias(fc.maxSafeNat());
const logs = (longest: number): fc.Arbitrary<number[]> =>
  fc.array(numbers, { minLength: 1, maxLength: longest, size: "max" });

/** Most are short; some go on until effects are forgotten. */
const mixedLogs = fc.oneof(
  { weight: 60, arbitrary: logs(150) },
  { weight: 1, arbitrary: fc.array(numbers, { minLength: 300, maxLength: 500, size: "max" }) },
);

function someKey(): RoomKey {
  const realm = parseRealm("default");
  if (!realm.ok) throw new Error("key");
  // In a personal channel letters count; everything else is as in any room.
  return roomKey(realm.value, personalRoom(owner));
}

function plainEffect(effect: Effect): PlainEffect {
  const parting = ({ successor, removed, emptied }: Farewell): Partial<PlainEffect> => ({
    successor: successor?.id,
    removed: removed.map((change) => ({ key: change.key, version: change.version })),
    emptied,
  });
  const { type } = effect;
  switch (effect.type) {
    case "refused":
      return { type, reason: effect.reason };
    case "joined":
    case "answered_again":
    case "away":
    case "profile":
      return { type, member: effect.member.id };
    case "back":
      return { type, member: effect.member.id, was: effect.was, fromAway: effect.fromAway };
    case "left":
      return { type, member: effect.member.id, why: effect.why, ...parting(effect) };
    case "signal":
    case "letter":
      return { type, member: effect.to.id };
    case "data":
      return { type, version: effect.change.version };
    case "moderated":
      return { type, member: effect.target?.id, ...(effect.farewell === undefined ? {} : parting(effect.farewell)) };
    default:
      return { type };
  }
}

function isJudged(entry: Entry): entry is JoinEntry | SaidEntry {
  const care: string[] = ["away", "back", "left", "letter", "keep", "adopt", "upgrade", "dance"];
  return !care.includes(entry.kind);
}

/** Throws with both sides; ten times as fast as `expect` where they are equal. */
function mustEqual(actual: unknown, wanted: unknown): void {
  if (!isDeepStrictEqual(actual, wanted)) expect(actual).toStrictEqual(wanted);
}

describe("the room machine equals the plain model", () => {
  const seen = new Map<string, number>();
  const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);

  test("over 10,000 random logs, entry by entry, and in every copy", { timeout: 300_000 }, () => {
    const run = (log: number[]): void => {
      const script = new Script(log.length > 150);
      const room = Room.fresh(key, rules);
      let plain = plainFresh;
      for (const [i, number] of log.entries()) {
        const { entry, at } = script.next(number, plain);
        const effect = room.apply(entry, at);
        const [after, wanted] = plainApply(plain, entry, at, scriptLife, owner);
        const before = plain;
        plain = after;
        const { type } = effect;
        count(type);
        if (type === "refused") count(`refused ${effect.reason}`);
        count(type === "refused" ? `${entry.kind} refused ${effect.reason}` : `${entry.kind} ${type}`);
        if ("successor" in effect) count("succession");
        if ("emptied" in effect && effect.emptied) count("emptied");
        if (type === "adopted" && plain.adopted?.reborn === true) count("reborn");
        if (before.emptied !== null && plain.emptied === null && type !== "adopted") {
          count(plain.settings.linger === undefined ? "lapsed" : "found as it was left");
        }
        if (before.emptied === null && plain.emptied !== null && type !== "adopted") count("lingered");
        if (type === "joined" && plain.members.length === 1 && entry.kind === "join" && entry.opening !== undefined) {
          if (plain.settings.linger === entry.opening.linger) count("opened");
          if (plain.settings.pin !== null && plain.settings.pin === entry.opening.pin) count("opened with a PIN");
        }
        mustEqual(plainEffect(effect), { ...wanted });
        if (type === "adopted") script.adopted();
        if (number % 5 === 0) script.keep(room.toCopy());
        if (number % 16 === 0 || i === log.length - 1) mustEqual(room.toCopy(), plainCopy(plain, scriptLife));
      }
      if (!script.reborn) recallsLike(room, plain, count);
    };
    fc.assert(fc.property(mixedLogs, run), { seed, numRuns: 10_000 });
  });

  test("and these logs reach every effect and every refusal often", () => {
    const rare = mustReach.filter((what) => (seen.get(what) ?? 0) < 200);
    expect(rare).toEqual([]);
    expect(seen.get("effects forgotten")).toBeGreaterThan(100);
  });
});

function recallsLike(room: Room, plain: PlainRoom, count: (what: string) => void): void {
  if (plain.history.filter(({ heard }) => heard).length > 64) count("effects forgotten");
  for (const { at } of plain.history) {
    const wanted = plainRecall(plain, at);
    count(`recall ${wanted}`);
    mustEqual(room.remembers(at), wanted);
    mustEqual(room.hadEffect(at), plainHadEffect(plain, at, scriptLife));
    const forged = { ...at, index: at.index + 1000 };
    const isRecent = at.time >= room.at.time - scriptLife;
    if (wanted === "complete" && isRecent) mustEqual(room.remembers(forged), "unknown_position");
  }
}

const effects: readonly Effect["type"][] = [
  "none",
  "unknown_kind",
  "refused",
  "repeated",
  "joined",
  "answered_again",
  "back",
  "away",
  "left",
  "profile",
  "signal",
  "broadcast",
  "letter",
  "data",
  "settings",
  "moderated",
  "kept",
  "adopted",
  "upgraded",
];

const mustReach = [
  ...effects,
  ...[
    "banned",
    "locked",
    "pin_required",
    "pin_wrong",
    "pin_not_needed",
    "malformed",
    "too_large",
    "full",
    "superseded",
    "forbidden",
  ].map((reason) => `join refused ${reason}`),
  "join back",
  "join answered_again",
  "back back",
  "back answered_again",
  "back refused expired",
  "back refused superseded",
  "left left",
  "left none",
  "leave left",
  "letter none",
  "adopt none",
  "upgrade none",
  ...["not_a_member", "superseded", "malformed", "retry", "unknown_peer"].map((reason) => `signal refused ${reason}`),
  ...["forbidden", "conflict", "too_large"].map((reason) => `data refused ${reason}`),
  ...["forbidden", "malformed"].map((reason) => `settings refused ${reason}`),
  ...["forbidden", "malformed", "unknown_peer", "unknown_type"].map((reason) => `moderate refused ${reason}`),
  "broadcast refused forbidden",
  "refused unknown",
  "profile refused too_large",
  "succession",
  "opened",
  "opened with a PIN",
  "lingered",
  "lapsed",
  "found as it was left",
  "emptied",
  "reborn",
  "recall complete",
  "recall too_old",
];

describe("replicas of one log", () => {
  /** Applies the log on a replica that is never reloaded, and tells every step. */
  const follow = (
    log: readonly number[],
    step: (entry: Entry, at: { seq: number; index: number; time: number }, room: Room, number: number) => void,
  ): void => {
    const script = new Script();
    const room = Room.fresh(key, rules);
    let plain = plainFresh;
    for (const number of log) {
      const { entry, at } = script.next(number, plain);
      room.apply(entry, at);
      [plain] = plainApply(plain, entry, at, scriptLife, owner);
      if (number % 5 === 0) script.keep(room.toCopy());
      step(entry, at, room, number);
    }
  };

  test("have the same digest, whatever was loaded anew from copies in between", { timeout: 120_000 }, () => {
    const run = (log: number[]): void => {
      let other = Room.fresh(key, rules);
      follow(log, (entry, at, room, number) => {
        other.apply(entry, at);
        if (number % 7 === 0) other = Room.revive(key, structuredClone(other.toCopy()), rules);
        // A store may keep members and values in any order.
        if (number % 7 === 1) {
          const copy = other.toCopy();
          const shuffled = { ...copy, members: copy.members.toReversed(), data: copy.data.toReversed() };
          other = Room.revive(key, shuffled, rules);
        }
        mustEqual(other.digest(), room.digest());
      });
      mustEqual(other.digest(), digestOf(other.toCopy()));
    };
    fc.assert(fc.property(logs(80), run), { seed, numRuns: 1000 });
  });

  test("agree again after an adoption, however they differed before", { timeout: 120_000 }, () => {
    let adoptions = 0;
    const run = (log: number[], lost: number): void => {
      const other = Room.fresh(key, rules);
      let i = 0;
      let isLosing = true;
      follow(log, (entry, at, room) => {
        i += 1;
        if (isLosing && entry.kind === "join" && i % 3 === lost) return;
        const effect = other.apply(entry, at);
        if (effect.type !== "adopted") {
          if (!isLosing) mustEqual(other.digest(), room.digest());
          return;
        }
        // The first one: later losses would be other alarms.
        if (isLosing) adoptions += 1;
        isLosing = false;
        mustEqual(other.digest(), room.digest());
      });
    };
    fc.assert(fc.property(logs(80), fc.nat(2), run), { seed, numRuns: 1000 });
    expect(adoptions).toBeGreaterThan(300);
  });

  test("are never told of what happened later by a copy taken before", { timeout: 120_000 }, () => {
    const run = (log: number[]): void => {
      const kept: { copy: RoomCopy; clone: RoomCopy }[] = [];
      follow(log, (_entry, _at, room, number) => {
        const copy = room.toCopy();
        if (number % 6 === 0) kept.push({ copy, clone: structuredClone(copy) });
      });
      for (const { copy, clone } of kept) mustEqual(copy, clone);
    };
    fc.assert(fc.property(logs(60), run), { seed, numRuns: 500 });
  });

  test("move a copy on by changes to exactly the copy they would give", { timeout: 120_000 }, () => {
    const run = (log: number[]): void => {
      let before = Room.fresh(key, rules).toCopy();
      follow(log, (_entry, _at, room, number) => {
        if (number % 4 !== 0) return;
        const after = room.toCopy();
        mustEqual(withChanges(before, changesBetween(before, after)), after);
        before = number % 8 === 0 ? structuredClone(after) : after;
      });
    };
    fc.assert(fc.property(logs(80), run), { seed, numRuns: 1000 });
  });

  test("judge beforehand exactly as they apply at once afterwards", { timeout: 120_000 }, () => {
    const run = (log: number[]): void => {
      const script = new Script();
      const room = Room.fresh(key, rules);
      let plain = plainFresh;
      for (const number of log) {
        const { entry, at } = script.next(number, plain);
        if (isJudged(entry)) {
          const now = room.digest();
          const judged = room.judge(entry);
          mustEqual(room.digest(), now);
          // What is remembered ends with time: an entry that comes at once meets the same state.
          const atOnce = { ...at, time: room.at.time };
          const effect = Room.revive(key, room.toCopy(), rules).apply(entry, atOnce);
          const refused = effect.type === "refused" ? { ...effect, type: undefined } : undefined;
          const wanted = typeof judged === "object" ? { ...judged, type: undefined } : undefined;
          mustEqual(refused, wanted);
          mustEqual(effect.type === "repeated", judged === "repeated");
        }
        room.apply(entry, at);
        [plain] = plainApply(plain, entry, at, scriptLife, owner);
      }
    };
    fc.assert(fc.property(logs(60), run), { seed, numRuns: 1000 });
  });
});
