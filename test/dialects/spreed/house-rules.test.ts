// Spreed WebRTC, rooms as the operator has set them up: the default room, types by name, the global room.
import { describe, expect } from "vitest";
import { inside, typesOf } from "./client.ts";
import { conferencesByName, withGlobalRoom, withoutDefaultRoom } from "./settings.ts";
import { freshRoom, told } from "./told.ts";

describe("the default room", () => {
  told("[spreed 32] is joined under the empty name", async (stage) => {
    const [a, b] = await stage.ab();
    expect(await a.join("")).toMatchObject({ Room: { Type: "Room", Name: "" } });
    await b.join("");
    expect((await a.take("Joined")).Data["Id"]).toBe(b.id);
  });

  told(
    "[spreed 32] may be switched off",
    async (stage) => {
      const a = await stage.come(0);
      expect((await a.hello("")).Data).toMatchObject({ Type: "Error", Code: "default_room_disabled" });
      expect((await a.ask("Users", {})).Data).toMatchObject({ Type: "Error", Code: "not_in_room" });
      await a.join(freshRoom());
    },
    withoutDefaultRoom,
  );
});

describe("types of rooms", () => {
  told(
    "[spreed 31] follow what is set while clients are there, and the former again when it is taken back",
    async (stage) => {
      const [a, b, c] = await stage.abc();
      expect(inside(await a.join("foo"), "Room", "Type")).toBe("Room");
      await stage.reload(conferencesByName.settings, conferencesByName.changed);
      expect(inside(await b.join("foo"), "Room", "Type")).toBe("Conference");
      // By name as given, and only by that one.
      expect(inside(await c.join("food"), "Room", "Type")).toBe("Room");
      // An update without a type means the type that the name has now.
      expect((await b.ask("Room", { Name: "foo" })).Data).toMatchObject({ Type: "Conference", Name: "foo" });
      await stage.reload({}, conferencesByName.changed);
      expect(inside(await c.join("foo"), "Room", "Type")).toBe("Room");
      expect((await a.users()).map(({ Id }) => Id).toSorted()).toStrictEqual([a.id, c.id].toSorted());
    },
  );
});

describe("the global room", () => {
  told(
    "[spreed 37] is seen and heard in all rooms, and hears of none",
    async (stage) => {
      const room = freshRoom();
      const [a, g, b] = await stage.abc();
      await a.join(room);
      g.status({ displayName: "Guide" });
      await g.join("hall");
      expect((await a.take("Joined")).Data).toMatchObject({ Id: g.id, Status: { displayName: "Guide" } });
      expect((await a.users()).map(({ Id }) => Id).toSorted()).toStrictEqual([a.id, g.id].toSorted());
      // Whoever comes finds the guide among the users.
      expect(JSON.stringify((await b.join(room))["Users"])).toContain(g.id);
      g.chat("", { Message: "welcome" });
      for (const each of [a, b]) {
        const got = await each.take("Chat");
        expect([got.From, inside(got.Data, "Chat", "Message")]).toStrictEqual([g.id, "welcome"]);
      }
      g.status({ displayName: "Guide II" });
      for (const each of [a, b]) expect((await each.take("Status")).Data).toMatchObject({ Id: g.id, Rev: 3 });
      // People of other rooms are not shown in the hall.
      expect((await g.users()).map(({ Id }) => Id)).toStrictEqual([g.id]);
      a.chat("", { Message: "among us" });
      await b.take("Chat");
      await g.heardAll(a);
      expect(g.untaken).toStrictEqual([]);
      g.say("Leave", {});
      for (const each of [a, b]) expect((await each.take("Left")).Data).toMatchObject({ Id: g.id, Status: "soft" });
      await expect
        .poll(async () => (await a.users()).map(({ Id }) => Id).toSorted())
        .toStrictEqual([a.id, b.id].toSorted());
      // And whoever is in the hall hears it as any room.
      const h = await stage.come(0);
      await h.join("hall");
      await g.join("hall");
      expect((await h.take("Joined")).Data["Id"]).toBe(g.id);
      await g.cut();
      for (const each of [a, b, h]) {
        const left = await each.take("Left");
        expect(left.Data).toMatchObject({ Id: g.id, Status: "hard" });
      }
      await a.heardAll(b, true);
      expect(typesOf(a.untaken)).not.toContain("Left");
    },
    withGlobalRoom,
  );
});
