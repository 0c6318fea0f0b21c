// Spreed WebRTC, messages: what one says to another wherever they are, and to a room.
import { describe, expect } from "vitest";
import { aged } from "./aged.ts";
import type { Doc, SpreedClient } from "./client.ts";
import { inside, typesOf } from "./client.ts";
import { freshRoom, told } from "./told.ts";

const someA = { A: expect.stringMatching(/./) };
const serverTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/);
/** Of nobody. */
const stranger = "AAAAAAAAAAAAAAAAAAAAAA";

async function redeem(client: SpreedClient, token: unknown): Promise<Doc> {
  return (await client.ask("Sessions", { Type: "session", Token: token })).Data;
}

describe("from one to another", () => {
  told("[spreed 40] an Offer reaches its target alone, in whatever room that is", async (stage) => {
    const [a, b, c] = await stage.abc();
    const room = freshRoom();
    await a.join(room);
    await c.join(room);
    await b.join(freshRoom());
    const offer = {
      type: "offer",
      sdp: "v=0\r\n",
      _conference: "conf",
      _token: "t",
      _id: 3,
      more: { deep: [1, null] },
    };
    a.relay("Offer", b.id, offer);
    const got = await b.take("Offer");
    expect(got).toStrictEqual({ Data: { Type: "Offer", To: b.id, Offer: offer }, From: a.id, To: b.id, ...someA });
    expect(await redeem(b, got.A)).toMatchObject({ Type: "Sessions", Users: [{ Id: a.id, Ua: "Test 1", Type: "" }] });
    await c.heardAll(a, true);
    expect(typesOf(c.untaken)).not.toContain("Offer");
    // The same within one room, in none, and to oneself.
    a.relay("Answer", c.id, { type: "answer", sdp: "v=0\r\n" });
    expect((await c.take("Answer")).From).toBe(a.id);
    const d = await stage.come(1);
    d.relay("Bye", a.id, { Reason: "busy" });
    expect((await a.take("Bye")).Data).toStrictEqual({ Type: "Bye", To: a.id, Bye: { Reason: "busy" } });
    a.relay("Bye", d.id, null);
    expect((await d.take("Bye")).Data).toStrictEqual({ Type: "Bye", To: d.id, Bye: null });
    a.relay("Offer", a.id, { type: "offer" });
    expect(await a.take("Offer")).toMatchObject({ From: a.id, To: a.id });
    expect(a.untaken.filter(({ Data }) => Data["Type"] === "Error")).toStrictEqual([]);
  });

  told("[spreed 40] what is relayed bears its own type and target, whatever is written inside", async (stage) => {
    const [a, b] = await stage.ab();
    a.say("Offer", { To: b.id, Type: "Self", Offer: { type: "offer" } });
    expect((await b.take("Offer")).Data).toStrictEqual({ Type: "Offer", To: b.id, Offer: { type: "offer" } });
    expect(b.self["Id"]).toBe(b.id);
  });

  told("[spreed 40] messages of one to another come in order, in one room and beyond", async (stage) => {
    const [a, b] = await stage.ab();
    const room = freshRoom();
    for (const shared of [false, true]) {
      if (shared) await Promise.all([a.join(room), b.join(room)]);
      const said = Array.from({ length: 15 }, (_, i) => ({ candidate: `c${i}` }));
      for (const each of said) a.relay("Candidate", b.id, each);
      const got = [];
      for (const _ of said) got.push((await b.take("Candidate")).Data["Candidate"]);
      expect(got).toStrictEqual(said);
    }
  });

  told("[spreed 41] nobody is told that there is no such target", async (stage) => {
    const [a, b] = await stage.ab();
    await a.join(freshRoom());
    const gone = await stage.come(2);
    await gone.close();
    for (const to of [stranger, gone.id, "nobody", "ä/../"]) {
      a.relay("Offer", to, { type: "offer" });
      a.relay("Bye", to, null);
      a.chat(to, { Message: "anybody?" });
    }
    await b.heardAll(a);
    await a.alive();
    expect(a.untaken).toStrictEqual([]);
    a.chat(stranger, { Message: "anybody?", Mid: "m1" });
    const sent = await a.take("Chat");
    expect(sent).toMatchObject({ From: a.id, To: a.id, Data: { To: stranger, Chat: { Mid: "m1" } } });
    expect(inside(sent.Data, "Chat", "Status")).toStrictEqual({ State: "sent" });
    await a.alive();
    expect(a.untaken).toStrictEqual([]);
  });

  told("[spreed 42] an Offer, an Answer or a Candidate that holds nothing is not delivered", async (stage) => {
    const [a, b] = await stage.ab();
    for (const type of ["Offer", "Answer", "Candidate"] as const) {
      a.say(type, { To: b.id, Type: type });
      a.relay(type, b.id, null);
    }
    for (const type of ["Offer", "Answer"] as const) {
      a.relay(type, b.id, "text");
      a.relay(type, b.id, []);
      a.relay(type, b.id, 7);
    }
    await b.heardAll(a);
    expect(b.untaken).toStrictEqual([]);
  });

  told("[spreed 43] a Candidate comes as it was, whatever is in it", async (stage) => {
    const [a, b] = await stage.ab();
    const candidate = {
      type: "candidate",
      sdpMLineIndex: 0,
      sdpMid: "0",
      candidate: "candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host",
      usernameFragment: null,
      extra: { nested: [true, 1.5, "ü", {}] },
      "": "an empty key",
    };
    a.relay("Candidate", b.id, candidate);
    expect((await b.take("Candidate")).Data).toStrictEqual({ Type: "Candidate", To: b.id, Candidate: candidate });
  });

  told("[spreed 45] a chat with a Mid is confirmed as sent, a confirmation is not", async (stage) => {
    const [a, b] = await stage.ab();
    a.chat(b.id, { Message: "psst", Mid: "m1", Time: "1999-01-01T00:00:00Z" });
    expect(await b.take("Chat")).toStrictEqual({
      Data: {
        To: b.id,
        Type: "Chat",
        Chat: { Message: "psst", Time: serverTime, NoEcho: true, Mid: "m1", Status: null },
      },
      From: a.id,
      To: b.id,
      ...someA,
    });
    expect(await a.take("Chat")).toStrictEqual({
      Data: { To: b.id, Type: "Chat", Chat: { Message: "", Time: "", Mid: "m1", Status: { State: "sent" } } },
      From: a.id,
      To: a.id,
      ...someA,
    });
    b.chat(a.id, { Message: "", Status: { State: "delivered", Mid: "m1" } });
    const delivered = await a.take("Chat");
    expect(inside(delivered.Data, "Chat", "Status")).toStrictEqual({ State: "delivered", Mid: "m1" });
    await b.heardAll(a);
    expect([a.untaken, b.untaken]).toStrictEqual([[], []]);
    // Without NoEcho the sender has it back first, as it was sent.
    a.say("Chat", { To: b.id, Type: "Chat", Chat: { Message: "echo", Mid: "m2" } });
    const echo = await a.take("Chat");
    expect([inside(echo.Data, "Chat", "Message"), inside(echo.Data, "Chat", "Time")]).toStrictEqual(["echo", ""]);
    expect(inside((await a.take("Chat")).Data, "Chat", "Status")).toStrictEqual({ State: "sent" });
  });

  told("[spreed 46] a chat's Status has the keys that are known, as they were, and no others", async (stage) => {
    const [a, b] = await stage.ab();
    const known = {
      Typing: "start",
      State: "delivered",
      Mid: "m",
      SeenMids: ["m1", "m2"],
      FileInfo: { id: "t", chunks: 3, name: "a.txt", size: 1_024, type: "text/plain" },
      Geolocation: { accuracy: 12.5, latitude: 47.1, longitude: -8.5 },
      AutoCall: { Id: "x", Type: "conference" },
    };
    a.chat(b.id, { Message: "m", Status: { ...known, Evil: { x: 1 }, FileInfo: { ...known.FileInfo, path: "/" } } });
    expect(inside((await b.take("Chat")).Data, "Chat", "Status")).toStrictEqual(known);
    // A wrong type anywhere drops all of it.
    a.chat(b.id, { Message: "no", Status: { FileInfo: { ...known.FileInfo, size: -1 } } });
    a.chat(b.id, { Message: 7 });
    a.chat(b.id, { Message: "no", Status: { SeenMids: [1] } });
    await b.heardAll(a);
    expect(b.untaken).toStrictEqual([]);
  });

  told("[spreed 50] a conference of a client reaches everybody in its list, and not its maker", async (stage) => {
    const [a, b, c] = await stage.abc();
    await a.join(freshRoom());
    const conference = [a.id, b.id, c.id];
    a.say("Conference", { Id: "mine", Type: "Conference", Conference: conference });
    for (const each of [b, c]) {
      expect(await each.take("Conference")).toStrictEqual({
        Data: { Id: "mine", Type: "Conference", Conference: conference },
        From: a.id,
        To: each.id,
        ...someA,
      });
    }
    const many = [...conference, ...Array.from({ length: 98 }, (_, i) => `${stranger.slice(0, 19)}${100 + i}`)];
    expect(many).toHaveLength(101);
    a.say("Conference", { Id: "many", Type: "Conference", Conference: many });
    for (const each of [b, c]) {
      await each.heardAll(a);
      expect(each.untaken).toStrictEqual([]);
    }
    await a.alive();
    expect(a.untaken).toStrictEqual([]);
  });

  told("[spreed 51] an attestation is redeemed while it is young and its session is there", async (stage) => {
    const [a, b] = await stage.ab();
    a.status({ displayName: "Ann" });
    await a.join(freshRoom(), { Ua: "Agent A" });
    a.chat(b.id, { Message: "hello" });
    const { A = "" } = await b.take("Chat");
    expect(await redeem(b, A)).toStrictEqual({
      Type: "Sessions",
      Sessions: { Type: "session", Token: A },
      Users: [{ Type: "", Id: a.id, Ua: "Agent A", Rev: 2, Prio: 100, Status: { displayName: "Ann" } }],
    });
    const refusal = async (token: unknown) => {
      const { Type, Code } = await redeem(b, token);
      return [Type, Code];
    };
    expect(await refusal(aged("attestation", A, 301_000))).toStrictEqual(["Error", "bad_attestation"]);
    expect((await redeem(b, aged("attestation", A, 290_000)))["Type"]).toBe("Sessions");
    for (const bad of ["", "garbage", a.token, `${A}x`]) {
      expect(await refusal(bad)).toStrictEqual(["Error", "bad_attestation"]);
    }
    // A session that is in no room can be looked up too.
    a.say("Leave", {});
    await b.heardAll(a);
    expect(inside(await redeem(b, A), "Users", 0, "Id")).toBe(a.id);
    await a.close();
    await expect.poll(() => refusal(A)).toStrictEqual(["Error", "no_such_session"]);
  });
});

describe("in a room", () => {
  told("[spreed 44] a chat comes to all others with the server's time, and back to who wants it", async (stage) => {
    const room = freshRoom();
    const [a, b, c] = await stage.abc();
    for (const each of [a, b, c]) await each.join(room);
    a.chat("", { Message: "no echo", Time: "1999-01-01T00:00:00Z", Mid: "m" });
    for (const each of [b, c]) {
      const got = await each.take("Chat");
      expect(got).toStrictEqual({
        Data: {
          To: "",
          Type: "Chat",
          Chat: { Message: "no echo", Time: serverTime, NoEcho: true, Mid: "m", Status: null },
        },
        From: a.id,
        ...someA,
      });
      const time = Date.parse(String(inside(got.Data, "Chat", "Time")));
      expect(Math.abs(time - Date.now())).toBeLessThan(60_000);
    }
    await a.heardAll(b, true);
    expect(typesOf(a.untaken)).not.toContain("Chat");
    a.say("Chat", { To: "", Type: "Chat", Chat: { Message: "echo" } });
    expect(await a.take("Chat")).toStrictEqual({
      Data: { To: "", Type: "Chat", Chat: { Message: "echo", Time: "", Status: null } },
      From: a.id,
      To: a.id,
      ...someA,
    });
    for (const each of [b, c]) expect(inside((await each.take("Chat")).Data, "Chat", "Message")).toBe("echo");
    await a.heardAll(b, true);
    expect(typesOf(a.untaken)).not.toContain("Chat");
  });

  told("[spreed 48] each Status replaces the one before as a whole", async (stage) => {
    const room = freshRoom();
    const [a, b] = await stage.ab();
    await a.join(room);
    await b.join(room);
    a.status({ displayName: "Ann", message: "here", autoCalls: ["conference"], own: { x: [1] } });
    a.status({ displayName: "Ann B." });
    const first = await b.take("Status");
    const second = await b.take("Status");
    expect(first).toStrictEqual({
      Data: {
        Type: "Status",
        Id: a.id,
        Rev: 2,
        Prio: 100,
        Status: { displayName: "Ann", message: "here", autoCalls: ["conference"], own: { x: [1] } },
      },
      From: a.id,
      ...someA,
    });
    expect(second.Data).toStrictEqual({
      Type: "Status",
      Id: a.id,
      Rev: 3,
      Prio: 100,
      Status: { displayName: "Ann B." },
    });
    await a.heardAll(b, true);
    expect(typesOf(a.untaken)).not.toContain("Status");
    const { Users } = (await b.ask("Users", {})).Data;
    expect((Users as Doc[]).find(({ Id }) => Id === a.id)).toMatchObject({ Rev: 3, Status: { displayName: "Ann B." } });
  });

  told("[spreed 49] a Status from before is told with the Joined, and in lists", async (stage) => {
    const room = freshRoom();
    const [a, b] = await stage.ab();
    await b.join(room);
    const status = { displayName: "Ann", message: null };
    a.status(status);
    await a.join(room);
    expect((await b.take("Joined")).Data).toMatchObject({ Id: a.id, Ua: "Test 1", Status: status });
    expect((await b.users()).find(({ Id }) => Id === a.id)).toStrictEqual({
      Type: "Online",
      Id: a.id,
      Ua: "Test 1",
      Rev: 2,
      Prio: 100,
      Status: status,
    });
    expect(typesOf(b.untaken)).not.toContain("Status");
  });
});
