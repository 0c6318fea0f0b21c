// A copy comes back from its fields as it went in, and what is no copy is never taken for one.
import type { CopyChanges, RoomCopy } from "@heliograph/core";
import { changesBetween, Room, withChanges } from "@heliograph/core";
import type { Position } from "@heliograph/protocol";
import { parseMemberId, parseNodeId, parseRealm, parseRoomName, parseSessionId, roomKey } from "@heliograph/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { copyOf, fieldsOf, fieldsOfChanges, placeOf } from "./copy-fields.ts";

function must<T>(outcome: { ok: true; value: T } | { ok: false }): T {
  if (!outcome.ok) throw new Error("a name was refused");
  return outcome.value;
}

const node = must(parseNodeId("node------------------"));
const key = roomKey(must(parseRealm("realm")), must(parseRoomName("room")));

/** As Redis answers: everything as bytes. */
function stored(fields: readonly (string | Buffer)[]): Map<string, Buffer> {
  const hash = new Map<string, Buffer>();
  for (let i = 0; i + 1 < fields.length; i += 2) hash.set(String(fields[i]), Buffer.from(fields[i + 1] ?? ""));
  return hash;
}

function answered(hash: ReadonlyMap<string, Buffer>): Buffer[] {
  return [...hash].flatMap(([field, value]) => [Buffer.from(field), value]);
}

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const body = fc.record({
  codec: fc.constantFrom("json" as const, "msgpack" as const),
  bytes: fc.uint8Array({ maxLength: 40 }),
});
const said = fc.oneof(
  fc.record({ kind: fc.constant("data" as const), key: text, value: body, owned: fc.boolean() }),
  fc.record({
    kind: fc.constant("profile" as const),
    profile: fc.record({ name: text, status: text, own: body }, { requiredKeys: [] }),
  }),
  fc.record({ kind: fc.constant("leave" as const) }),
  fc.record({ kind: fc.constant("broadcast" as const), body }),
  fc.record({
    kind: fc.constant("settings" as const),
    change: fc.record({
      locked: fc.boolean(),
      capacity: fc.nat(),
      pin: fc.constant({ salt: "0a", proof: "ff" }),
      linger: fc.nat(9),
    }),
  }),
);

type Said = typeof said extends fc.Arbitrary<infer Word> ? Word : never;

/** What a room is like after each of some words of two members. */
function lives(words: readonly (readonly [1 | 2, Said])[]): RoomCopy[] {
  const room = Room.fresh(key, { version: 2, logLife: 300_000 });
  const copies: RoomCopy[] = [];
  let seq = 0;
  const at = (): Position => {
    seq += 7;
    return { seq, index: seq % 3, time: 1_700_000_000_000 + seq };
  };
  room.apply({ kind: "upgrade", rules: 2 }, at());
  for (const by of [1, 2]) {
    const [from, session] = [must(parseMemberId(`é:{${by}}`)), must(parseSessionId(`session-${by}`.padEnd(22, "-")))];
    const epoch = { attempt: 1, bump: 0, node };
    room.apply({ kind: "join", from, epoch, session, profile: {}, grace: 9, marks: [`m${by}`] }, at());
    copies.push(room.toCopy());
  }
  for (const [n, [by, word]] of words.entries()) {
    const from = must(parseMemberId(`é:{${by}}`));
    room.apply({ ...word, from, epoch: { attempt: 1, bump: 0, node }, n: n + 1 }, at());
    copies.push(room.toCopy());
  }
  return copies;
}

const rooms = fc.array(fc.tuple(fc.constantFrom(1 as const, 2 as const), said), { maxLength: 12 }).map(lives);

describe("a copy's fields", () => {
  test("tell the whole copy", () => {
    fc.assert(
      fc.property(rooms, (copies) => {
        for (const copy of copies) expect(copyOf(answered(stored(fieldsOf(copy))))).toEqual(copy);
      }),
      { numRuns: 50 },
    );
  });

  test("are moved on by what changed alone", () => {
    fc.assert(
      fc.property(rooms, (copies) => {
        const [first, ...later] = copies;
        if (first === undefined) return;
        const hash = stored(fieldsOf(first));
        let before = first;
        for (const copy of later) {
          const changes: CopyChanges = changesBetween(before, copy);
          const { set, gone } = fieldsOfChanges(changes);
          for (const field of gone) hash.delete(field);
          for (const [field, value] of stored(set)) hash.set(field, value);
          expect(copyOf(answered(hash))).toEqual(withChanges(before, changes));
          before = copy;
        }
      }),
      { numRuns: 50 },
    );
  });

  test("that are missing, half there or spoilt are no copy", () => {
    const copy = lives([
      [1, { kind: "data", key: "k", value: { codec: "json", bytes: new Uint8Array(3) }, owned: true }],
    ]).at(-1);
    if (copy === undefined) throw new Error("nothing lived");
    expect(copyOf([])).toBeUndefined();
    const whole = stored(fieldsOf(copy));
    for (const field of ["at", "state"]) {
      const half = new Map(whole);
      half.delete(field);
      expect(() => copyOf(answered(half)), field).toThrow("half of a copy");
    }
    for (const field of whole.keys()) {
      for (const rubbish of ["", "rubbish", "{}", "[]", "null", "1 2", "1 2 3 4", "1 2 x", '{"format":2}', "\n"]) {
        expect(() => copyOf(answered(new Map(whole).set(field, Buffer.from(rubbish)))), field).toThrow();
      }
      const cut = whole.get(field)?.subarray(0, 4) ?? Buffer.of();
      expect(() => copyOf(answered(new Map(whole).set(field, cut))), field).toThrow();
    }
    // A later version may add what we do not know.
    expect(copyOf(answered(new Map(whole).set("x:later", Buffer.from("?"))))).toEqual(copy);
  });

  test("a place is three whole numbers, or nothing is sent", () => {
    expect(placeOf({ seq: 1, index: 2, time: 2 ** 53 - 1 })).toBe("1 2 9007199254740991");
    for (const odd of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect(() => placeOf({ seq: odd, index: 0, time: 0 })).toThrow(RangeError);
      expect(() => placeOf({ seq: 0, index: odd, time: 0 })).toThrow(RangeError);
      expect(() => placeOf({ seq: 0, index: 0, time: odd })).toThrow(RangeError);
    }
  });
});
