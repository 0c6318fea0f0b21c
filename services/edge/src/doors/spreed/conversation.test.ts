import { expect, test } from "vitest";
import { SpreedHouse } from "../../../contract/spreed-house.ts";

const chat = (text: string, to = "", more = {}) => ({
  Type: "Chat",
  Chat: { To: to, Type: "Chat", Chat: { Message: text, NoEcho: true, ...more } },
});

test("[spreed 1] the first frame is Self, with an Id, a Sid, a token, Turn and Stun, and From is the Id", async () => {
  const house = new SpreedHouse();
  const ann = await house.node().guest();
  const [first] = ann.news;
  expect(first).toMatchObject({ From: ann.id, Data: { Type: "Self", ApiVersion: 1.4, Userid: "", Suserid: "" } });
  expect(ann.self).toMatchObject({ Turn: { username: "" }, Stun: expect.any(Array), Version: "0.29.7" });
  expect(ann.self["Sid"]).toHaveLength(32);
  expect(ann.self["Token"]).not.toBe("");
  expect(house.faults).toEqual([]);
});

test("[spreed 14] [spreed 17] [spreed 39] [spreed 40] [spreed 44] two clients of two nodes meet, chat, call and part", async () => {
  const house = new SpreedHouse();
  const [east, west] = [house.node(), house.node()];
  const [ann, bob] = [await east.guest(), await west.guest()];
  expect(await ann.hello("Lobby")).toMatchObject({
    Type: "Welcome",
    Room: { Type: "Room", Name: "Lobby", Credentials: null },
    Users: [{ Type: "Online", Id: ann.id, Ua: "Chrome 120", Prio: 100 }],
  });
  ann.news;
  const welcome = await bob.hello("", { Id: "lobby" });
  expect(welcome).toMatchObject({ Type: "Welcome", Room: { Name: "Lobby" } });
  expect(welcome["Users"]).toHaveLength(2);
  expect(ann.news).toMatchObject([
    { From: bob.id, A: expect.any(String), Data: { Type: "Joined", Id: bob.id, Ua: "Chrome 120" } },
  ]);
  bob.news;
  ann.say(chat("hi"));
  await house.pass();
  expect(ann.news).toEqual([]);
  const [told] = bob.news;
  expect(told).toMatchObject({ From: ann.id, Data: { To: "", Type: "Chat", Chat: { Message: "hi" } } });
  expect(told?.["To"]).toBeUndefined();
  ann.say({ Type: "Offer", Offer: { To: bob.id, Type: "Offer", Offer: { type: "offer", sdp: "v=0" } } });
  await house.pass();
  expect(bob.news).toMatchObject([
    { From: ann.id, To: bob.id, Data: { Type: "Offer", To: bob.id, Offer: { type: "offer", sdp: "v=0" } } },
  ]);
  ann.cut();
  await house.pass();
  expect(bob.told).toEqual([{ Type: "Left", Id: ann.id, Status: "hard" }]);
  expect((await bob.ask("Users"))["Users"]).toMatchObject([{ Id: bob.id }]);
  bob.cut();
  await house.pass(5_000);
  expect([east.edge.boards, west.edge.boards]).toEqual([0, 0]);
  expect(east.node.size).toEqual({ sessions: 0, rooms: 0, kept: 0 });
  expect(house.faults).toEqual([]);
});
