import type { RoomName } from "@heliograph/protocol";
import { parseRoomName, roomKey } from "@heliograph/protocol";
import { expect, test, vi } from "vitest";
import type { Edge } from "../test-kit/story.ts";
import { House, lobby, realm } from "../test-kit/story.ts";

const key = roomKey(realm, lobby);

function roomNumber(i: number): RoomName {
  const name = parseRoomName(`room ${i}`);
  if (!name.ok) throw new Error("a name of this test");
  return name.value;
}

/** A room with two members, quiet for so long that nothing about it is due. */
async function quietRoom(): Promise<{ house: House; east: Edge; west: Edge }> {
  const house = new House();
  const [east, west] = [house.edge("east"), house.edge("west")];
  east.hello().join().say(1);
  await house.clock.settle();
  west.hello().join();
  await house.clock.advance(15_000);
  return { house, east, west };
}

test("copies that a flushed memory has lost stand again within ten seconds, though nobody says anything", async () => {
  const { house, east } = await quietRoom();
  const before = await east.ports.copies.load(key);
  expect(before?.members).toHaveLength(2);
  house.cluster.flush();
  await house.clock.advance(10_000);
  expect(await east.ports.copies.load(key)).toEqual(before);
});

test("a copy that was lost unsaid soon after it was written stands again within ten seconds", async () => {
  const { house, east, west } = await quietRoom();
  await west.hello().join();
  const members = async () => (await east.ports.copies.load(key))?.members.length;
  await house.clock.advance(2_000);
  expect(await members()).toBe(3);
  // As by a failover to a server that had not heard of it: nobody is told.
  await east.ports.copies.forget(key, { seq: 1_000, index: 0, time: house.clock.now() });
  expect(await members()).toBeUndefined();
  await house.clock.advance(10_000);
  expect(await members()).toBe(3);
});

test("what changed while the memory was out of reach is in the copy within five seconds of its return", async () => {
  const { house, east, west } = await quietRoom();
  const asked = [east, west].map(({ ports }) => vi.spyOn(ports.copies, "advance"));
  house.cluster.reach.set("closed");
  west.hello().join();
  await house.clock.advance(60_000);
  for (const spy of asked) expect(spy).not.toHaveBeenCalled();
  house.cluster.reach.set("open");
  await house.clock.advance(5_000);
  expect((await east.ports.copies.load(key))?.members).toHaveLength(3);
});

test("a copy is not behind for long while its room is never quiet", async () => {
  const { house, east } = await quietRoom();
  const ann = east.hello().join();
  await house.clock.settle();
  for (let n = 1; n <= 300; n += 1) {
    ann.say(n);
    await house.clock.advance(100);
    if (n < 20) continue;
    const at = (await east.ports.copies.load(key))?.at.time ?? 0;
    expect(house.clock.now() - at).toBeLessThan(2_000);
  }
});

test("a quiet room costs the memory nothing once its copy was seen to stand", async () => {
  const { house, east, west } = await quietRoom();
  const asked = [east, west].flatMap(({ ports: { copies } }) => [
    vi.spyOn(copies, "advance"),
    vi.spyOn(copies, "replace"),
  ]);
  await house.clock.advance(60_000);
  for (const spy of asked) expect(spy).not.toHaveBeenCalled();
});

test("a thousand rooms are written again at a pace", async () => {
  const house = new House();
  const east = house.edge("east");
  for (let i = 0; i < 1_000; i += 1) east.hello().join(roomNumber(i));
  await house.clock.advance(15_000);
  const written = vi.spyOn(east.ports.copies, "replace");
  house.cluster.flush();
  let most = 0;
  for (let passed = 0; passed < 10_000; passed += 100) {
    const before = written.mock.calls.length;
    await house.clock.advance(100);
    most = Math.max(most, written.mock.calls.length - before);
  }
  expect(written.mock.calls.length).toBe(1_000);
  expect(most).toBeLessThan(60);
});
