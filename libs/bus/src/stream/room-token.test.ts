// Every name becomes one legal token, no two the same, and comes back as it was.
import { parseRealm, parseRoomName, parseSessionId, personalRoom, type RoomName, roomKey } from "@heliograph/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nameOf, tokenOf } from "./room-token.ts";
import { shardOf, subjectsOf } from "./subjects.ts";

const roomName = fc
  .oneof(
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 80 }),
    fc.string({ unit: fc.constantFrom(..."aZ0_-=.*> %é\u{1F600}"), minLength: 1, maxLength: 60 }),
  )
  .map((text) => parseRoomName(text))
  .filter((name) => name.ok)
  .map((name): RoomName => name.value);

function named(text: string): RoomName {
  const name = parseRoomName(text);
  if (!name.ok) throw new Error(name.reason);
  return name.value;
}

describe("the token of a name", () => {
  test("is one legal token and comes back as the name", () => {
    fc.assert(
      fc.property(roomName, (name) => {
        const token = tokenOf(name);
        expect(token).toMatch(/^[A-Za-z0-9_=-]+$/);
        expect(nameOf(token ?? "")).toBe(name);
      }),
    );
  });

  test("differs for names that differ, also in letter case and in how a letter is composed", () => {
    fc.assert(
      fc.property(roomName, roomName, (one, other) => {
        expect(tokenOf(one) === tokenOf(other)).toBe(one === other);
      }),
    );
    expect(new Set(["\u00e9", "e\u0301", "E", "e", "=c3=a9"].map((name) => tokenOf(named(name)))).size).toBe(5);
  });

  test("of plain letters is the name itself, and everything else is escaped", () => {
    expect(tokenOf(named("Room-1_a"))).toBe("Room-1_a");
    expect(tokenOf(named("a.b *>=é"))).toBe("a=2eb=20=2a=3e=3d=c3=a9");
  });

  test("of a personal channel comes back too, and only as one", () => {
    const owner = parseSessionId("AZaz09_-AZaz09_-AZaz09");
    if (!owner.ok) throw new Error(owner.reason);
    expect(tokenOf(personalRoom(owner.value))).toBe("=01AZaz09_-AZaz09_-AZaz09");
    expect(nameOf("=01AZaz09_-AZaz09_-AZaz09")).toBe(personalRoom(owner.value));
    for (const token of ["=01", "=01lobby", "=01AZaz09_-AZaz09_-AZaz09=0a", "=02AZaz09_-AZaz09_-AZaz09"]) {
      expect(nameOf(token)).toBeUndefined();
    }
  });

  test("has at most 768 characters for the longest name", () => {
    expect(tokenOf(named("é".repeat(128)))).toHaveLength(768);
  });

  test("is not read back from what nobody writes", () => {
    for (const token of ["", "a.b", "=", "=4", "=41", "=GG", "=c3", "=ff=fe", "=00", "a=2E"]) {
      expect(nameOf(token)).toBeUndefined();
    }
  });
});

describe("a room's subjects", () => {
  const realm = parseRealm("default");
  const key = (text: string) => roomKey(realm.ok ? realm.value : ("" as never), named(text));

  test("name its shard, realm and token, and are legal", () => {
    const subjects = subjectsOf(key("a room"), 1);
    expect(subjects).toEqual({
      shard: 0,
      in: "hg.in.0.default.a=20room",
      out: "hg.out.0.default.a=20room",
      whisper: "hg.v.0.default.a=20room",
      host: "hg.h.0.default.a=20room",
    });
  });

  test("stand in the same shard for ever: these numbers must not change", () => {
    expect(["lobby", "a room", "\u00e9", "1", "2", "3"].map((name) => shardOf(key(name), 4))).toEqual([
      2, 2, 1, 1, 2, 3,
    ]);
  });

  test("spread over all shards", () => {
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 4000; i += 1) {
      const shard = shardOf(key(`room ${i}`), 4);
      counts[shard] = (counts[shard] ?? 0) + 1;
    }
    for (const count of counts) expect(count).toBeGreaterThan(800);
  });
});
