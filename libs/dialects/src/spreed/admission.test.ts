import { describe, expect, test } from "vitest";
import type { RoomSettings } from "./admission.ts";
import { admit, meansRoom } from "./admission.ts";
import type { SpreedRoomType } from "./room-type.ts";

const open: RoomSettings = {
  defaultRoom: true,
  caseSensitive: false,
  users: true,
  authorizeJoin: false,
  authorizeCreation: false,
  publicRooms: undefined,
  types: { set: new Map(), patterns: [] },
};
const hello = (name: string, roomType = "") => ({ name, roomType });
const account = { ok: false, code: "room_join_requires_account" };

describe("whoever says Hello", () => {
  test("is let into any room, and may open it", () => {
    expect(admit(open, hello("Lobby"), false)).toEqual({ ok: true, room: "lobby", type: "Room", mayOpen: true });
    expect(admit(open, hello(""), false)).toMatchObject({ ok: true, room: "Room:" });
  });

  test("[spreed 32] is kept out of the default room where there is none", () => {
    for (const type of ["", "Room", "Conference"]) {
      expect(admit({ ...open, defaultRoom: false }, hello("", type), true)).toMatchObject({
        ok: false,
        code: "default_room_disabled",
      });
    }
    expect(admit({ ...open, defaultRoom: false }, hello("lobby"), false).ok).toBe(true);
  });

  test("[spreed 29] needs an account for any room, where joining takes one", () => {
    const settings = { ...open, authorizeJoin: true };
    expect(admit(settings, hello("lobby"), false)).toMatchObject(account);
    expect(admit(settings, hello("lobby"), true)).toMatchObject({ ok: true, mayOpen: true });
    expect(admit({ ...settings, users: false }, hello("lobby"), false).ok).toBe(true);
  });

  test("may join and not open without an account, where opening takes one", () => {
    const settings = { ...open, authorizeCreation: true };
    expect(admit(settings, hello("lobby"), false)).toMatchObject({ ok: true, mayOpen: false });
    expect(admit(settings, hello("lobby"), true)).toMatchObject({ ok: true, mayOpen: true });
  });

  test("[spreed 30] needs no account for public rooms", () => {
    const publicRooms = /^public$/;
    for (const flags of [{ authorizeJoin: true }, { authorizeCreation: true }]) {
      const settings = { ...open, ...flags, publicRooms };
      expect(admit(settings, hello("public"), false)).toMatchObject({ ok: true, mayOpen: true });
      expect(admit(settings, hello("private"), false)).not.toMatchObject({ ok: true, mayOpen: true });
      // The name as given decides, before its case is folded.
      expect(admit(settings, hello("Public"), false)).not.toMatchObject({ ok: true, mayOpen: true });
    }
  });

  test("is refused types and names that there are not", () => {
    expect(admit(open, hello("lobby", "Dungeon"), true)).toMatchObject({ ok: false, code: "bad_request" });
    expect(admit(open, hello("x".repeat(300)), true)).toMatchObject({ ok: false, code: "bad_request" });
  });
});

describe("the type of a room", () => {
  test("[spreed 31] is what was set at run time for exactly that name, until it is cleared", () => {
    const set = new Map<string, SpreedRoomType>();
    const settings = { ...open, types: { set, patterns: [] } };
    const type = (name: string) => {
      const admission = admit(settings, hello(name), false);
      return admission.ok ? admission.type : admission.code;
    };
    expect(type("foo")).toBe("Room");
    set.set("foo", "Conference");
    expect(type("foo")).toBe("Conference");
    expect(type("Foo")).toBe("Room");
    set.delete("foo");
    expect(type("foo")).toBe("Room");
  });

  test("is else that of the first expression that matches the name as given, and a client may say another", () => {
    const patterns = [
      { pattern: /^Meeting\//, type: "Conference" },
      { pattern: /^Meet/, type: "Room" },
    ] as const;
    const settings = { ...open, types: { set: new Map(), patterns } };
    expect(admit(settings, hello("Meeting/x"), false)).toMatchObject({
      type: "Conference",
      room: "Conference:meeting/x",
    });
    expect(admit(settings, hello("meeting/x"), false)).toMatchObject({ type: "Room" });
    expect(admit(settings, hello("Meeting/x", "Room"), false)).toMatchObject({ type: "Room", room: "meeting/x" });
  });
});

describe("a Room document", () => {
  const at = { type: "Room", name: "Lobby" } as const;
  test("means the room its sender is in, in any case of letters", () => {
    expect(meansRoom(open, hello("LOBBY"), at)).toBe(true);
    expect(meansRoom(open, hello("lobby", "Room"), at)).toBe(true);
    expect(meansRoom({ ...open, caseSensitive: true }, hello("lobby"), at)).toBe(false);
  });

  test("means no room where its name or type is another's", () => {
    expect(meansRoom(open, hello("lobby", "Conference"), at)).toBe(false);
    expect(meansRoom(open, hello("lobby", "Dungeon"), at)).toBe(false);
    expect(meansRoom(open, hello("hall"), at)).toBe(false);
  });
});
