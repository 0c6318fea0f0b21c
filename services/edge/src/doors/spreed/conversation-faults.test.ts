// What Spreed clients notice of faults: they are cut, come back as who they were, and nothing is invented.
import { expect, test } from "vitest";
import { type SpreedGuest, SpreedHouse } from "../../../contract/spreed-house.ts";

const chat = (text: string, to = "") => ({
  Type: "Chat",
  Chat: { To: to, Type: "Chat", Chat: { Message: text, NoEcho: true } },
});
const closeOf = (guest: SpreedGuest): number | undefined => guest.socket.closes.at(0)?.code;

async function together() {
  const house = new SpreedHouse();
  const [east, west] = [house.node(), house.node()];
  const [ann, bob] = [await east.guest(), await west.guest()];
  await ann.hello("lobby");
  await bob.hello("lobby");
  ann.news;
  bob.news;
  return { house, east, west, ann, bob };
}

test("[spreed 2] [spreed 6] [spreed 68] a newer connection on another node closes the older one, and mates hear nothing of it", async () => {
  const { house, west, ann, bob } = await together();
  const again = await west.guest(ann.token);
  expect([again.id, again.self["Sid"]]).toEqual([ann.id, ann.self["Sid"]]);
  expect(closeOf(ann)).toBe(4004);
  bob.say({ Type: "Offer", Offer: { To: ann.id, Type: "Offer", Offer: { sdp: "x" } } });
  await house.pass();
  await again.hello("lobby");
  await house.pass(20_000);
  expect(bob.types).toEqual([]);
  expect(again.told.some(({ Type }) => Type === "Offer")).toBe(true);
  expect((await bob.ask("Users"))["Users"]).toHaveLength(2);
  expect(house.faults).toEqual([]);
});

test("who takes over and does not come into its room again has left it, hard, after ten seconds", async () => {
  const { house, west, ann, bob } = await together();
  await west.guest(ann.token);
  await house.pass(5_000);
  expect(bob.types).toEqual([]);
  await house.pass(12_000);
  expect(bob.told).toEqual([{ Type: "Left", Id: ann.id, Status: "hard" }]);
});

test("who reads too slowly is cut, and its mates hear nothing when it comes back in time", async () => {
  const { house, east, ann, bob } = await together();
  ann.socket.result = "dropped";
  bob.say(chat("too much"));
  await house.pass();
  expect(closeOf(ann)).toBe(4001);
  const again = await east.guest(ann.token);
  await again.hello("lobby");
  await house.pass(20_000);
  expect(bob.types).toEqual([]);
});

test("a node that drains cuts its clients, and their mates hear nothing of it", async () => {
  const { house, east, west, ann, bob } = await together();
  east.node.drain({ perSecond: 100, retryIn: 0 });
  await house.pass(100);
  expect(closeOf(ann)).toBe(4000);
  const again = await west.guest(ann.token);
  await again.hello("lobby");
  await house.pass(20_000);
  expect(bob.types).toEqual([]);
  expect(house.faults).toEqual([]);
});

test("a node that is cut off from the log lets nobody in, and whoever cannot be served is cut", async () => {
  const { house, east, ann, bob } = await together();
  east.ports.link.cut();
  const late = await east.guest();
  expect([late.frames, closeOf(late)]).toEqual([[], 4003]);
  ann.say(chat("into the void"));
  await house.pass(12_000);
  expect(closeOf(ann)).toBe(4003);
  expect(bob.types).toEqual([]);
  await house.pass(8_000);
  expect(bob.told).toEqual([{ Type: "Left", Id: ann.id, Status: "hard" }]);
  expect(house.faults).toEqual([]);
});

test("[spreed 18] a Hello to one's own room with credentials that do not serve any more leaves it", async () => {
  const { house, ann, bob } = await together();
  expect(await bob.ask("Room", { Name: "lobby", Credentials: { PIN: "4711" } })).toMatchObject({
    Credentials: { PIN: "4711" },
  });
  expect(ann.told).toMatchObject([{ Type: "Room", Name: "lobby", Credentials: { PIN: "4711" } }]);
  expect(await ann.hello("lobby", { Credentials: { PIN: "4711" } })).toMatchObject({ Type: "Welcome" });
  expect(bob.types.filter((type) => type !== "Room")).toEqual(["Status", "Joined"]);
  expect(await ann.hello("lobby")).toMatchObject({ Type: "Error", Code: "authorization_required" });
  expect(bob.told).toEqual([{ Type: "Left", Id: ann.id, Status: "soft" }]);
  expect(await ann.ask("Users")).toMatchObject({ Code: "not_in_room" });
  expect(house.faults).toEqual([]);
});

test("a chat that is too large with its native half beside it is said without, and one that is too large by itself goes nowhere", async () => {
  const { house, ann, bob } = await together();
  ann.say(chat("x".repeat(200_000)));
  await house.pass();
  expect(bob.told).toMatchObject([{ Type: "Chat", Chat: { Message: "x".repeat(200_000) } }]);
  ann.say(chat("x".repeat(400_000)));
  ann.say(chat("after it"));
  await house.pass();
  expect(bob.told).toMatchObject([{ Chat: { Message: "after it" } }]);
});

test("[spreed 10] what is no frame is answered by nothing, and the socket stays usable", async () => {
  const { house, ann } = await together();
  for (const bad of ["", "{", "[]", '"text"', "null", '{"Type":"Nothing"}', '{"Type":7}', '{"Type":"Alive"}'])
    ann.say(bad);
  ann.bytes(Buffer.from('{"Type":"Self"}'), true);
  await house.pass();
  expect(ann.news).toEqual([]);
  expect(await ann.ask("Alive", { Type: "Alive", Alive: 5 })).toEqual({ Type: "Alive", Alive: 5 });
});
