// Spreed WebRTC, rooms: joining, leaving, locking, and who is told of it.
import { describe, expect } from "vitest";
import type { SpreedClient } from "./client.ts";
import { inside, typesOf } from "./client.ts";
import { freshRoom, onOne, told } from "./told.ts";

const pin = { Credentials: { PIN: "4711" } };

function errorOf(frame: { readonly Data: unknown }): unknown {
  return inside(frame.Data, "Type") === "Error" ? inside(frame.Data, "Code") : inside(frame.Data, "Type");
}

async function idsOf(client: SpreedClient): Promise<readonly unknown[]> {
  return (await client.users()).map(({ Id }) => Id).toSorted();
}

function ids(...clients: readonly SpreedClient[]): readonly string[] {
  return clients.map(({ id }) => id).toSorted();
}

/** Somebody in a fresh room that is locked. */
async function locked(a: SpreedClient): Promise<string> {
  const room = freshRoom();
  await a.join(room, pin);
  return room;
}

describe("joining", () => {
  told("[spreed 14] by name, as ever or under the former key, is told once to each of the others", async (stage) => {
    const room = freshRoom();
    const [a, b, c] = await stage.abc();
    await a.join(room, { Ua: "Agent A" });
    await b.ask("Hello", { Id: room, Ua: "Agent B" });
    expect(await a.take("Joined")).toMatchObject({
      From: b.id,
      A: expect.stringMatching(/./),
      Data: { Type: "Joined", Id: b.id, Ua: "Agent B", Prio: 100 },
    });
    await c.join(room, { Ua: "Agent C" });
    for (const each of [a, b]) {
      expect((await each.take("Joined")).Data).toStrictEqual({ Type: "Joined", Id: c.id, Ua: "Agent C", Prio: 100 });
      await each.heardAll(c, true);
      expect(each.untaken).toStrictEqual([]);
    }
    expect(await idsOf(b)).toStrictEqual(ids(a, b, c));
  });

  told("[spreed 15] another room leaves the one before", async (stage) => {
    const [x, y] = [freshRoom(), freshRoom()];
    const [a, inX, inY] = await stage.abc();
    await inX.join(x);
    await inY.join(y);
    await a.join(x);
    expect((await inX.take("Joined")).Data["Id"]).toBe(a.id);
    await a.join(y);
    expect(await inX.take("Left")).toMatchObject({ From: a.id, Data: { Type: "Left", Id: a.id, Status: "soft" } });
    expect((await inY.take("Joined")).Data["Id"]).toBe(a.id);
    await inY.heardAll(a, true);
    await inX.heardAll(a);
    expect([inX.untaken, inY.untaken]).toStrictEqual([[], []]);
  });

  told("[spreed 16] that is refused is told to nobody but who asked, with the reason", async (stage) => {
    const [a, b] = await stage.ab();
    const room = await locked(a);
    const refused = await b.hello(room);
    expect(refused).toMatchObject({
      From: b.id,
      Data: { Type: "Error", Code: "authorization_required", Message: expect.stringMatching(/./) },
    });
    await a.heardAll(b);
    expect(a.untaken).toStrictEqual([]);
    expect(await idsOf(a)).toStrictEqual([a.id]);
  });

  told("[spreed 17] is answered by the room, and everybody in it", async (stage) => {
    const room = freshRoom();
    const [a, b] = await stage.ab();
    expect(await a.join(room, { Ua: "Agent A" })).toStrictEqual({
      Type: "Welcome",
      Room: { Type: "Room", Name: room, Credentials: null },
      Users: [{ Type: "Online", Id: a.id, Ua: "Agent A", Rev: 1, Prio: 100 }],
    });
    const { Users } = await b.join(room);
    expect((Users as { Id: string }[]).map(({ Id }) => Id).toSorted()).toStrictEqual(ids(a, b));
    // Once more is allowed, and is answered once more.
    const again = await b.join(room);
    expect((again["Users"] as { Id: string }[]).map(({ Id }) => Id).toSorted()).toStrictEqual(ids(a, b));
  });

  told("[spreed 18] that is refused has left the room before", async (stage) => {
    const x = freshRoom();
    const [a, mate, other] = await stage.abc();
    const room = await locked(other);
    await mate.join(x);
    await a.join(x);
    expect(errorOf(await a.hello(room))).toBe("authorization_required");
    expect((await mate.take("Left")).Data).toMatchObject({ Id: a.id, Status: "soft" });
    expect(errorOf(await a.ask("Users", {}))).toBe("not_in_room");
    expect(await idsOf(mate)).toStrictEqual([mate.id]);
  });

  told("[spreed 33] names differ by more than case, and are shown as they were first written", async (stage) => {
    const room = freshRoom();
    const [a, b] = await stage.ab();
    const first = room.toUpperCase();
    expect(inside(await a.join(first), "Room", "Name")).toBe(first);
    expect(inside(await b.join(room), "Room", "Name")).toBe(first);
    expect(await idsOf(a)).toStrictEqual(ids(a, b));
  });
});

describe("a room with a PIN", () => {
  told(
    "[spreed 19] is another than one without, which is not joined with a PIN, not even an empty one",
    async (stage) => {
      const room = freshRoom();
      const [a, b] = await stage.ab();
      await a.join(room);
      for (const PIN of ["1234", ""]) {
        expect(errorOf(await b.hello(room, { Credentials: { PIN } }))).toBe("authorization_not_required");
      }
      await a.heardAll(b);
      expect(a.untaken).toStrictEqual([]);
      expect(await idsOf(a)).toStrictEqual([a.id]);
    },
  );

  told("[spreed 20] is not joined without one", async (stage) => {
    const [a, b] = await stage.ab();
    expect(errorOf(await b.hello(await locked(a)))).toBe("authorization_required");
  });

  told("[spreed 21] is not joined with a wrong one", async (stage) => {
    const [a, b] = await stage.ab();
    const room = await locked(a);
    for (const PIN of ["4712", "471", "47110", ""]) {
      expect(errorOf(await b.hello(room, { Credentials: { PIN } }))).toBe("invalid_credentials");
    }
    expect(await idsOf(a)).toStrictEqual([a.id]);
  });

  told("[spreed 22] is joined with the right one", async (stage) => {
    const [a, b] = await stage.ab();
    const room = await locked(a);
    expect(await b.join(room, pin)).toMatchObject({ Room: { Name: room, Credentials: { PIN: "4711" } } });
    expect(await idsOf(a)).toStrictEqual(ids(a, b));
  });

  told("[spreed 23] loses it by an update with an empty one", async (stage) => {
    const [a, b] = await stage.ab();
    const room = await locked(a);
    const { Data } = await a.ask("Room", { Type: "Room", Name: room, Credentials: { PIN: "" } });
    expect(Data).toStrictEqual({ Type: "Room", Name: room, Credentials: null });
    expect(errorOf(await b.hello(room, pin))).toBe("authorization_not_required");
    await b.join(room);
  });

  told("[spreed 24] keeps it through an update that says nothing of it", async (stage) => {
    const [a, b] = await stage.ab();
    const room = await locked(a);
    const { Data } = await a.ask("Room", { Type: "Room", Name: room });
    expect(Data).toStrictEqual({ Type: "Room", Name: room, Credentials: { PIN: "4711" } });
    expect(errorOf(await b.hello(room))).toBe("authorization_required");
    await b.join(room, pin);
  });

  told("[spreed 34] still has it when somebody comes back within a minute", async (stage) => {
    const [a, b] = await stage.ab();
    const room = await locked(a);
    a.say("Leave", {});
    expect(errorOf(await a.ask("Users", {}))).toBe("not_in_room");
    expect(errorOf(await b.hello(room))).toBe("authorization_required");
    expect(errorOf(await a.hello(room))).toBe("authorization_required");
    await a.join(room, pin);
  });

  onOne("[spreed 34] has it no more when nobody was there for over a minute", async (stage) => {
    const [a, b] = await stage.ab();
    const room = await locked(a);
    await a.close();
    stage.pass(55_000);
    expect(errorOf(await b.hello(room))).toBe("authorization_required");
    stage.pass(6_000);
    expect(await b.join(room)).toMatchObject({ Room: { Name: room, Credentials: null } });
  });
});

describe("an update of the room", () => {
  told("[spreed 25] is answered, and told to the others once each", async (stage) => {
    const room = freshRoom();
    const [a, b, c] = await stage.abc();
    for (const each of [a, b, c]) await each.join(room);
    const { Data, ...envelope } = await a.ask("Room", { Type: "Room", Name: room, Credentials: { PIN: "99" } });
    expect(Data).toStrictEqual({ Type: "Room", Name: room, Credentials: { PIN: "99" } });
    expect(envelope).toStrictEqual({ From: a.id, Iid: "i2" });
    for (const each of [b, c]) {
      expect(await each.take("Room")).toStrictEqual({ Data, From: a.id, A: expect.stringMatching(/./) });
      await each.heardAll(a, true);
      expect(typesOf(each.untaken)).not.toContain("Room");
    }
    expect(typesOf(a.untaken)).not.toContain("Room");
    // Whoever is there stays, and any member may unlock it.
    expect(await idsOf(c)).toStrictEqual(ids(a, b, c));
    await c.ask("Room", { Type: "Room", Name: room, Credentials: { PIN: "" } });
    expect((await a.take("Room")).Data).toStrictEqual({ Type: "Room", Name: room, Credentials: null });
  });

  told("[spreed 26] of a room where one is not is refused", async (stage) => {
    const [room, other] = [freshRoom(), freshRoom()];
    const [a, b] = await stage.ab();
    await b.join(other);
    expect(errorOf(await a.ask("Room", { Type: "Room", Name: room }))).toBe("not_in_room");
    await a.join(room);
    expect(errorOf(await a.ask("Room", { Type: "Room", Name: other, ...pin }))).toBe("not_in_room");
    expect(errorOf(await a.ask("Room", { Type: "Conference", Name: room }))).toBe("not_in_room");
    await b.heardAll(a);
    expect(b.untaken).toStrictEqual([]);
  });

  told("[spreed 27] without a type is answered with the room's", async (stage) => {
    const room = freshRoom();
    const a = await stage.come(0);
    await a.join(room);
    expect((await a.ask("Room", { Name: room })).Data).toStrictEqual({ Type: "Room", Name: room, Credentials: null });
  });
});

describe("leaving", () => {
  told("[spreed 38] is told softly, and not answered", async (stage) => {
    const room = freshRoom();
    const [a, b] = await stage.ab();
    await a.join(room);
    await b.join(room);
    await a.heardAll(b, true);
    a.takeAll();
    a.say("Leave", {}, { Iid: "l" });
    expect(await b.take("Left")).toStrictEqual({
      Data: { Type: "Left", Id: a.id, Status: "soft" },
      From: a.id,
      A: expect.stringMatching(/./),
    });
    expect(errorOf(await a.ask("Users", {}))).toBe("not_in_room");
    expect(a.untaken).toStrictEqual([]);
    expect(await idsOf(b)).toStrictEqual([b.id]);
    // Where one is nowhere, it is nothing.
    a.say("Leave", {}, { Iid: "l" });
    await a.alive();
    expect(a.untaken).toStrictEqual([]);
  });

  told("[spreed 39] by the socket's end is told once, hard", async (stage) => {
    const room = freshRoom();
    const [a, b, c] = await stage.abc();
    for (const each of [a, b, c]) await each.join(room);
    for (const end of ["cut", "close"] as const) {
      const d = await stage.come(0);
      await d.join(room);
      await d[end]();
      for (const each of [a, b, c]) {
        expect(await each.take("Left")).toMatchObject({ From: d.id, Data: { Type: "Left", Id: d.id, Status: "hard" } });
      }
      expect(await idsOf(b)).toStrictEqual(ids(a, b, c));
    }
    await b.heardAll(c, true);
    expect(typesOf(b.untaken)).not.toContain("Left");
  });
});

describe("a conference room", () => {
  const conference = { Type: "Conference" };

  told("[spreed 35] lists its members to all of them, each time somebody comes", async (stage) => {
    const room = freshRoom();
    const [a, b] = await stage.ab();
    expect(inside(await a.join(room, conference), "Room", "Type")).toBe("Conference");
    await a.alive();
    expect(a.untaken).toStrictEqual([]);
    await b.join(room, conference);
    for (const each of [a, b]) {
      const { Data, ...envelope } = await each.take("Conference");
      expect(Data).toMatchObject({ Id: `Conference:${room}`, Type: "Conference" });
      expect((Data["Conference"] as string[]).toSorted()).toStrictEqual(ids(a, b));
      expect(envelope).toStrictEqual({ To: `Conference:${room}` });
    }
    const order = typesOf(b.frames);
    expect(order.indexOf("Welcome")).toBeLessThan(order.indexOf("Conference"));
    // A room of that name and the other type is another room.
    const c = await stage.come(2);
    await c.join(room);
    expect(await idsOf(c)).toStrictEqual([c.id]);
  });

  told("[spreed 36] takes no conferences of clients", async (stage) => {
    const room = freshRoom();
    const [a, b, c] = await stage.abc();
    await a.join(room, conference);
    await b.join(room, conference);
    await b.take("Conference");
    a.say("Conference", { Id: "mine", Type: "Conference", Conference: [a.id, b.id, c.id] });
    for (const each of [b, c]) {
      await each.heardAll(a);
      expect(typesOf(each.untaken)).not.toContain("Conference");
    }
  });
});
