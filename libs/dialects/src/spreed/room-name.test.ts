import type { RoomName } from "@heliograph/protocol";
import { parseRoomName, parseSessionId, personalRoom } from "@heliograph/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SpreedRoom } from "./room-name.ts";
import { roomKeyOf, roomNameOf, spreedRoomId, spreedRoomOf } from "./room-name.ts";
import { readRoomRecord, writeRoomRecord } from "./room-record.ts";

const name = (room: SpreedRoom, caseSensitive = false) => {
  const outcome = roomNameOf(room, caseSensitive);
  return outcome.ok ? outcome.value : outcome.reason;
};

/** Names that look like names of other rooms, and others. */
const names = fc.oneof(
  fc
    .array(fc.constantFrom("Room", "Conference", "room", ":", "a", "A", "é", "É", "Σ", "İ", " ", "/"), { maxLength: 5 })
    .map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 20 }),
);
const rooms = fc.record({ type: fc.constantFrom("Room", "Conference"), name: names });

describe("the name of a Spreed room in the cluster", () => {
  test.for<[SpreedRoom, string]>([
    [{ type: "Room", name: "Lobby" }, "lobby"],
    [{ type: "Room", name: "" }, "Room:"],
    [{ type: "Conference", name: "Team/Daily" }, "Conference:team/daily"],
    [{ type: "Conference", name: "" }, "Conference:"],
    [{ type: "Room", name: "Conference:team" }, "conference:team"],
  ])("of %o is %s", ([room, expected]) => {
    expect(name(room)).toBe(expected);
  });

  test("where case counts, bears its type in front if it looks like the name of another room", () => {
    expect(name({ type: "Room", name: "Lobby" }, true)).toBe("Lobby");
    expect(name({ type: "Room", name: "Conference:team" }, true)).toBe("Room:Conference:team");
    expect(name({ type: "Room", name: "Room:x" }, true)).toBe("Room:Room:x");
  });

  test("is the same in any case of letters, at the ends of words too", () => {
    for (const text of ["ΟΔΟΣ", "οδοσ", "Οδοσ"]) expect(name({ type: "Room", name: text })).toBe("οδοσ");
  });

  test("is that of no other room", () => {
    fc.assert(
      fc.property(rooms, rooms, fc.boolean(), (one, other, caseSensitive) => {
        const [a, b] = [roomNameOf(one, caseSensitive), roomNameOf(other, caseSensitive)];
        if (!a.ok || !b.ok) return;
        expect(a.value === b.value).toBe(spreedRoomId(one, caseSensitive) === spreedRoomId(other, caseSensitive));
      }),
      { seed: 6, numRuns: 20_000 },
    );
  });

  test("leads back to the room", () => {
    fc.assert(
      fc.property(rooms, fc.boolean(), (room, caseSensitive) => {
        const there = roomNameOf(room, caseSensitive);
        if (!there.ok) return;
        expect(spreedRoomOf(there.value, caseSensitive)).toEqual({
          type: room.type,
          name: roomKeyOf(room.name, caseSensitive),
        });
      }),
      { seed: 6, numRuns: 5000 },
    );
  });

  test("is refused where the cluster can have none such", () => {
    expect(name({ type: "Room", name: "a\u0000b" })).toBe("malformed");
    expect(name({ type: "Room", name: "\ud800" })).toBe("malformed");
    expect(name({ type: "Conference", name: "x".repeat(256) })).toBe("too_large");
  });

  test("is nobody's personal channel", () => {
    const session = parseSessionId("A".repeat(22));
    if (!session.ok) throw new Error("not a session");
    expect(name({ type: "Room", name: personalRoom(session.value) }, true)).toBe("malformed");
    expect(spreedRoomOf(personalRoom(session.value), true)).toBeUndefined();
  });
});

test("rooms of native clients that no Spreed client can name are nobody's", () => {
  for (const foreign of ["Lobby", "Room:lobby", "Conference:Team"])
    expect(spreedRoomOf(room(foreign), false)).toBeUndefined();
  expect(spreedRoomOf(room("Lobby"), true)).toEqual({ type: "Room", name: "Lobby" });
});

describe("a room's record", () => {
  test("tells the case of its name and the sealed PIN", () => {
    const record = { name: "Lobby", pin: "sealed" };
    expect(readRoomRecord(writeRoomRecord(record), "LOBBY", false)).toEqual(record);
    expect(readRoomRecord(writeRoomRecord({ name: "" }), "", false)).toEqual({ name: "" });
  });

  test.for([undefined, 1, [], {}, { name: "other" }, { name: 5, pin: 5 }])("that is %o is not believed", (value) => {
    expect(readRoomRecord(value, "Lobby", false)).toEqual({ name: "Lobby" });
  });
});

function room(text: string): RoomName {
  const parsed = parseRoomName(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.value;
}
