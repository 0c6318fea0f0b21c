// Spreed WebRTC, transport and sessions: who a client is, over one connection and the next.
import { describe, expect } from "vitest";
import { aged } from "./aged.ts";
import { inside, SpreedClient, typesOf } from "./client.ts";
import { loginOf, patchSession } from "./rest.ts";
import { withUsers } from "./settings.ts";
import { freshRoom, told } from "./told.ts";

const days = 86_400_000;

describe("a connection", () => {
  told("[spreed 1] begins with a Self that says everything", async (stage) => {
    const a = await stage.come(0);
    expect(a.frames[0]).toMatchObject({
      From: a.id,
      Data: {
        Type: "Self",
        Id: expect.stringMatching(/^[\w-]{22}$/),
        Sid: expect.stringMatching(/^[\w-]{32}$/),
        Token: expect.stringMatching(/./),
        Userid: "",
        Suserid: "",
        Version: expect.stringMatching(/./),
        ApiVersion: 1.4,
        Turn: { username: "", password: "" },
        Stun: [],
      },
    });
    expect(a.frames[0]).not.toHaveProperty("A");
    expect(a.frames[0]).not.toHaveProperty("Iid");
    const again = await a.ask("Self", {});
    expect(again.Data).toMatchObject({ Type: "Self", Id: a.id, Sid: a.sid });
  });

  told("[spreed 2] with the token of another is that session again", async (stage) => {
    const a = await stage.come(0);
    const { id, sid, token } = a;
    await a.close();
    const b = await stage.come(1, { token });
    expect([b.id, b.sid]).toStrictEqual([id, sid]);
    // Each Self brings a token of its own, and each of them serves.
    expect(b.token).not.toBe(token);
    await b.cut();
    const c = await stage.come(2, { token: b.token });
    expect([c.id, c.sid]).toStrictEqual([id, sid]);
  });

  told("[spreed 3] with a token that is none, or too old, is a new session", async (stage) => {
    const a = await stage.come(0);
    await a.close();
    const old = aged("token", a.token, 31 * days);
    const forged = `${a.token.slice(0, -2)}${a.token.endsWith("A") ? "B" : "A"}A`;
    for (const token of ["garbage", "", forged, old, "x".repeat(5_000)]) {
      const b = await stage.come(1, { token });
      expect(b.id).toMatch(/^[\w-]{22}$/);
      expect(b.id).not.toBe(a.id);
      expect(typesOf(b.frames)).toStrictEqual(["Self"]);
    }
    // Nothing but its age is wrong with the old one.
    const c = await stage.come(2, { token: aged("token", a.token, 29 * days) });
    expect(c.id).toBe(a.id);
  });

  told("[spreed 5] has an Id that tells nothing of when it came", async (stage) => {
    const ids: string[] = [];
    for (let i = 0; i < 60; i += 1) {
      const client = await stage.come(i % 3);
      ids.push(client.id);
      await client.cut();
    }
    expect(new Set(ids).size).toBe(ids.length);
    let ascending = 0;
    for (const [i, id] of ids.entries()) if (i > 0 && id > (ids[i - 1] ?? "")) ascending += 1;
    // Of 59 steps of chance 16 to 43 go upwards in all but one of 3000 runs.
    expect(ascending).toBeGreaterThan(12);
    expect(ascending).toBeLessThan(47);
  });

  told(
    "[spreed 4] has a Sid that belongs to its Id and to no other",
    async (stage) => {
      const clients = await Promise.all([0, 1, 2, 0, 1, 2].map((place) => stage.come(place)));
      const login = loginOf("u1");
      for (const [i, { id, sid }] of clients.entries()) {
        const other = clients[(i + 1) % clients.length];
        const wrong = await patchSession(stage.base(2), { id, sid: other?.sid ?? "", ...login });
        expect(wrong.status).toBe(403);
        const right = await patchSession(stage.base(2), { id, sid, ...login });
        expect(right.status).toBe(200);
      }
    },
    withUsers,
  );
});

describe("two connections of one session", () => {
  told("[spreed 6] the newer one takes over, and nobody in the room misses it", async (stage) => {
    const room = freshRoom();
    const [a, b] = await stage.ab();
    await a.join(room);
    await b.join(room);
    const second = await stage.come(2, { token: a.token });
    expect(second.id).toBe(a.id);
    await a.closed;
    expect((await b.users()).map(({ Id }) => Id).toSorted()).toStrictEqual([a.id, b.id].toSorted());
    await second.join(room);
    await b.heardAll(second, true);
    const { length } = a.frames;
    b.chat(a.id, { Message: "to one" });
    expect((await second.take("Chat", (data) => inside(data, "Chat", "Message") === "to one")).From).toBe(b.id);
    b.chat("", { Message: "to all" });
    expect((await second.take("Chat", (data) => inside(data, "Chat", "Message") === "to all")).From).toBe(b.id);
    expect(a.frames).toHaveLength(length);
    expect(typesOf(b.frames)).not.toContain("Left");
  });

  told("[spreed 7] the older one's late end ends nothing of the newer one's", async (stage) => {
    const room = freshRoom();
    const [a, b] = await stage.ab();
    await a.join(room);
    await b.join(room);
    // It reads nothing any more, so it does not notice that it was closed.
    a.socket.pause();
    const second = await stage.come(2, { token: a.token });
    await second.join(room);
    await b.heardAll(second, true);
    await a.cut();
    b.chat(a.id, { Message: "still there" });
    await second.take("Chat", (data) => inside(data, "Chat", "Message") === "still there");
    await b.heardAll(second, true);
    expect(typesOf(b.frames)).not.toContain("Left");
    expect((await b.users()).map(({ Id }) => Id)).toContain(a.id);
  });
});

describe("frames", () => {
  told("[spreed 8] an Alive comes back as it was, with its Iid", async (stage) => {
    const a = await stage.come(0);
    a.say("Alive", { Type: "Alive", Alive: 5 }, { Iid: "x1" });
    expect(await a.take("Alive")).toStrictEqual({ Data: { Type: "Alive", Alive: 5 }, From: a.id, Iid: "x1" });
    a.say("Alive", { Type: "Alive", Alive: 6 });
    expect(await a.take("Alive")).toStrictEqual({ Data: { Type: "Alive", Alive: 6 }, From: a.id });
  });

  told("[spreed 9] of a mebibyte are read, longer ones close the socket with 1009", async (stage) => {
    const a = await stage.come(0);
    const alive = JSON.stringify({ Type: "Alive", Iid: "big", Alive: { Type: "Alive", Alive: 7 } });
    a.raw(alive.padEnd(1_048_576));
    expect(await a.take("Alive")).toMatchObject({ Iid: "big" });
    a.raw(alive.padEnd(1_048_577));
    // Whoever stands between may cut before the code has come.
    expect([1009, 1006]).toContain(await a.closed);
    const b = await stage.come(1);
    b.raw(alive.padEnd(1_048_577));
    expect(await b.closed).toBe(1009);
  });

  told("[spreed 10] that say nothing have no answer, and the socket serves on", async (stage) => {
    const a = await stage.come(0);
    a.raw("{");
    a.raw("no JSON");
    a.raw("[]");
    a.raw("null");
    a.raw("");
    a.say("Unheard", { Type: "Unheard" }, { Iid: "n" });
    a.raw(JSON.stringify({ Iid: "n" }));
    a.raw(JSON.stringify({ Type: 5, Iid: "n" }));
    a.raw(Buffer.from(JSON.stringify({ Type: "Alive", Alive: { Type: "Alive", Alive: 1 } })));
    a.raw(JSON.stringify({ Type: "Hello", Hello: { Name: 7 }, Iid: "n" }));
    a.say("Talking", { Type: "Talking", Talking: true });
    await a.alive();
    expect(a.untaken).toStrictEqual([]);
  });

  told("[spreed 11] that come too fast are answered more slowly, all of them and in order", async (stage) => {
    const a = await stage.come(0);
    const began = performance.now();
    const iids = Array.from({ length: 60 }, (_, i) => `q${i}`);
    for (const [i, iid] of iids.entries()) a.say("Alive", { Type: "Alive", Alive: i }, { Iid: iid });
    const answers = [];
    for (const iid of iids) answers.push(await a.take("Alive", (_, frame) => frame.Iid === iid));
    expect(performance.now() - began).toBeGreaterThan(1_900);
    expect(a.frames.flatMap(({ Iid }) => Iid ?? [])).toStrictEqual(iids);
    expect(answers).toHaveLength(60);
  });

  told(
    "[spreed 12] whoever answers no ping is gone after a while, and hard",
    async (stage) => {
      const room = freshRoom();
      const [a, b] = [await stage.come(0, { pongs: false }), await stage.come(1)];
      await a.join(room);
      await b.join(room);
      expect(await b.take("Left")).toMatchObject({ From: a.id, Data: { Id: a.id, Status: "hard" } });
      await a.closed;
      await b.alive();
      expect((await b.users()).map(({ Id }) => Id)).toStrictEqual([b.id]);
    },
    // The shortest there is: silent for 8 s.
    { LIMITS_HEARTBEAT: "5s" },
  );

  told("[spreed 13] an answer has its request's Iid, and nothing else has one", async (stage) => {
    const room = freshRoom();
    const [a, b] = await stage.ab();
    await b.join(room);
    expect(await a.hello(room)).toMatchObject({ Data: { Type: "Welcome" }, From: a.id, Iid: "i1" });
    expect(await a.ask("Users", {})).toMatchObject({ Data: { Type: "Users" }, From: a.id, Iid: "i2" });
    expect(await a.ask("Room", { Type: "Room", Name: room })).toMatchObject({ Data: { Type: "Room" }, Iid: "i3" });
    expect(await a.ask("Self", {})).toMatchObject({ Data: { Type: "Self" }, From: a.id, Iid: "i4" });
    const attested = (await b.take("Joined")).A;
    expect(await a.ask("Sessions", { Type: "session", Token: attested })).toMatchObject({ Iid: "i5" });
    expect(await a.ask("Sessions", { Type: "no such", Token: "" })).toMatchObject({
      Data: { Type: "Error", Code: "bad_request" },
      Iid: "i6",
    });
    a.say("Status", { Type: "Status", Status: { displayName: "Ann" } }, { Iid: "s" });
    a.say("Chat", { To: "", Type: "Chat", Chat: { Message: "m" } }, { Iid: "c" });
    a.say("Offer", { To: b.id, Type: "Offer", Offer: { type: "offer" } }, { Iid: "o" });
    await b.take("Offer");
    await b.heardAll(a, true);
    expect(b.frames.filter(({ From }) => From === a.id).map(({ Iid }) => Iid)).toStrictEqual(
      b.frames.filter(({ From }) => From === a.id).map(() => undefined),
    );
    // The echo of the chat is no answer either.
    expect((await a.take("Chat")).Iid).toBe(undefined);
    // Without an Iid an answer comes all the same.
    a.say("Users", {});
    expect((await a.take("Users")).Iid).toBe(undefined);
  });
});

describe("the upgrade", () => {
  told("is refused to pages of foreign origins, and not to programs", async (stage) => {
    const refused = new SpreedClient(stage.base(0), { headers: { origin: "https://elsewhere.example" } });
    await refused.closed;
    expect(refused.frames).toStrictEqual([]);
    const own = await stage.come(0, { headers: { origin: stage.origin(0) } });
    expect(own.id).toMatch(/./);
  });
});
