// The memory is emptied in the middle: attached clients notice nothing, and no stranger gets past PIN, lock, seats or bans.
import { expect } from "vitest";
import { fault } from "./fault.ts";
import { Guest } from "./guest.ts";
import { copyStands, edgesOf } from "./room.ts";
import { Talk } from "./talk.ts";
import { within } from "./within.ts";

fault("Redis flushed", {}, async (house, measured) => {
  const [east, west, south] = await edgesOf(house, 3);
  const ann = await house.member([east], "tea");
  const bob = await house.member([west], "tea");
  await ann.room.set({ pin: "4711", capacity: 3 });
  await ann.room.setData("topic", "cake");
  const cat = await house.member([west], "den");
  const eve = await Guest.joined(west, "den");
  await within(5_000, "cat sees eve", () => cat.room.members.size === 2);
  await cat.room.ban(eve.id);
  // Nobody says a word there any more: nothing but the loss itself can make its host write.
  await house.member([west], "still");
  const rooms = ["tea", "den", "still"];
  for (const room of rooms) await within(10_000, "its copy is written", () => copyStands(house, room));
  const seen = ann.members.length + bob.members.length;

  const talk = new Talk([ann, bob]);
  await talk.goesOn(10_000);
  await house.ground.loseMemory();
  const again = within(10_000, "every copy is there again", async () => {
    return (await Promise.all(rooms.map((room) => copyStands(house, room)))).every(Boolean);
  });
  // South has never hosted these rooms, and the memory knows nothing of them any more.
  const dan = await Guest.welcomed(south);
  expect(await dan.join("tea")).toMatchObject({ type: "refused", reason: "pin_required" });
  expect(await dan.join("tea", "0815")).toMatchObject({ type: "refused", reason: "pin_wrong" });
  expect(await dan.join("den")).toMatchObject({ type: "refused", reason: "banned" });
  measured("copies written again after", await again);

  expect(await dan.join("tea", "4711")).toMatchObject({ type: "joined" });
  const fay = await Guest.welcomed(south);
  await house.ground.loseMemory();
  expect(await fay.join("tea", "4711")).toMatchObject({ type: "refused", reason: "full" });
  await ann.room.set({ locked: true, capacity: 0 });
  await house.ground.loseMemory();
  expect(await fay.join("tea", "4711")).toMatchObject({ type: "refused", reason: "locked" });
  for (const guest of [dan, eve, fay]) guest.leaves();

  await talk.judge();
  measured("longest without an answer", talk.longestSilence);
  expect(talk.longestSilence).toBeLessThan(1_000);
  expect([ann, bob, cat].flatMap(({ gaps }) => gaps)).toStrictEqual([]);
  expect([ann, bob, cat].flatMap(({ states }) => states)).toStrictEqual([]);
  const changes = [...ann.members, ...bob.members].slice(seen).map(({ change }) => change);
  expect(changes.filter((change) => change === "away" || change === "back")).toStrictEqual([]);
  expect(bob.room.data.get("topic")?.value).toBe("cake");
  expect(bob.room.settings).toMatchObject({ locked: true, capacity: 0 });
});
