import { expect, test } from "vitest";
import { headerUsers, SpreedHouse } from "../../../contract/spreed-house.ts";

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

test("[spreed 52] [spreed 53] users become contacts, find each other's sessions, and hear of their end outside any room", async () => {
  const house = new SpreedHouse();
  house.settings = headerUsers;
  const [east, west] = [house.node(), house.node()];
  const [ann, bob] = [await east.guest(undefined, "u1"), await west.guest(undefined, "u2")];
  expect([ann.self["Userid"], bob.self["Userid"]]).toEqual(["u1", "u2"]);
  const request = (to: string, status: object) => chat("", to, { Status: { ContactRequest: { Id: "r", ...status } } });
  ann.say(request(bob.id, { Success: false }));
  await house.pass();
  const asked = bob.news.at(-1) as { Data: { Chat: { Status: { ContactRequest: { Token: string } } } } };
  const { Token } = asked.Data.Chat.Status.ContactRequest;
  bob.say(request(ann.id, { Success: true, Token }));
  await house.pass();
  expect(ann.told.at(-1)).toMatchObject({
    Chat: { Status: { ContactRequest: { Success: true, Userid: "u2", Token } } },
  });
  expect(await ann.ask("Sessions", { Type: "contact", Token })).toMatchObject({
    Users: [{ Id: bob.id, Userid: "u2" }],
  });
  const third = await east.guest(undefined, "u3");
  expect(await third.ask("Sessions", { Type: "contact", Token })).toMatchObject({ Type: "Error" });
  ann.news;
  bob.news;
  bob.cut();
  await house.pass();
  expect(ann.told).toEqual([{ Type: "Left", Id: bob.id, Status: "hard" }]);
  const again = await west.guest(undefined, "u2");
  await ann.ask("Sessions", { Type: "contact", Token });
  again.news;
  ann.cut();
  await house.pass();
  expect(again.told).toEqual([{ Type: "Left", Id: ann.id, Status: "hard" }]);
  expect(house.faults).toEqual([]);
});
