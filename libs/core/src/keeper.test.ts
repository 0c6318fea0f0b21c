import type { RoomName } from "@heliograph/protocol";
import { parseRoomName, roomKey } from "@heliograph/protocol";
import { expect, test, vi } from "vitest";
import { attic, type Client, type Edge, House, lobby, nodeNamed, realm, type Warden } from "../test-kit/story.ts";
import { Room } from "./room/room.ts";

const key = roomKey(realm, lobby);
const grace = 30_000;

const wholeLog = (house: House, room: RoomName) =>
  house.cluster.stream.between(roomKey(realm, room), 0, Number.MAX_SAFE_INTEGER);

/** The kinds of what stands in the room's log, with the members that care entries name. */
function stored(house: House, room = lobby): { kind: string; member?: string; time: number }[] {
  const found: { kind: string; member?: string; time: number }[] = [];
  for (const { time, entries } of wholeLog(house, room)) {
    for (const entry of entries) {
      found.push({ kind: entry.kind, time, ...("member" in entry ? { member: entry.member } : {}) });
    }
  }
  return found;
}

const timesOf = (house: House, kind: string, room = lobby): number[] =>
  stored(house, room)
    .filter((entry) => entry.kind === kind)
    .map(({ time }) => time);

/** The room as its whole log gives it: who is in it, and how often each effect came. */
function judged(house: House, room = lobby): { readonly members: number; readonly effects: readonly string[] } {
  const judge = Room.fresh(roomKey(realm, room), { version: 1, logLife: 300_000 });
  const effects: string[] = [];
  for (const { seq, time, entries } of wholeLog(house, room)) {
    entries.forEach((entry, index) => {
      const effect = judge.apply(entry, { seq, index, time });
      const told = effect.type === "back" ? effect.fromAway : effect.type === "away" || effect.type === "left";
      if (told) effects.push(effect.type);
    });
  }
  return { members: judge.size, effects };
}

interface Scene {
  readonly house: House;
  readonly east: Edge;
  readonly ann: Client;
  readonly bob: Client;
  readonly keepers: readonly Warden[];
}

/** Two members on one node, and keepers that have seen it live. */
async function scene(keepers = 1): Promise<Scene> {
  const house = new House();
  const wardens = Array.from({ length: keepers }, (_, i) => house.keeper(`keeper-${i}`));
  const east = house.edge("east");
  const ann = east.hello().join();
  await house.clock.settle();
  const bob = east.hello().join();
  await house.clock.advance(10_000);
  return { house, east, ann, bob, keepers: wardens };
}

async function everythingForgotten({ house, keepers }: Scene): Promise<void> {
  const [one] = keepers;
  expect(await one?.ports.directory.nodes()).toEqual([]);
  for (const { keeper } of keepers) expect(keeper.size).toEqual({ nodes: 0, wards: 0, rooms: 0, kept: 0 });
  await house.clock.advance(300_000);
  expect(await one?.ports.copies.load(key)).toBeUndefined();
  for (const { observed } of keepers) expect(observed.filter(({ type }) => type === "fault")).toEqual([]);
}

test("all hosts of a room die at once: its members are away within 8 s, and left once within grace and 5 s more", async () => {
  for (let late = 0; late < 2_000; late += 130) {
    const { house, east } = await scene();
    await house.clock.advance(late);
    const killed = house.clock.now();
    east.kill();
    await house.clock.advance(8_000);
    expect(timesOf(house, "away")).toHaveLength(2);
    const away = Math.max(...timesOf(house, "away"));
    expect(away - killed).toBeLessThanOrEqual(8_000);
    await house.clock.advance(grace + 5_000);
    expect(judged(house)).toEqual({ members: 0, effects: ["away", "away", "left", "left"] });
    expect(Math.max(...timesOf(house, "left"))).toBeLessThanOrEqual(away + grace + 5_000);
  }
});

test("when it is done nothing is left of the dead node: no entry in the directory, no copy beyond its time", async () => {
  const whole = await scene();
  whole.east.kill();
  await whole.house.clock.advance(60_000);
  await everythingForgotten(whole);
});

test("two keepers at the same work tell nobody anything twice", async () => {
  const whole = await scene(2);
  whole.east.kill();
  await whole.house.clock.advance(90_000);
  expect(judged(whole.house)).toEqual({ members: 0, effects: ["away", "away", "left", "left"] });
  await everythingForgotten(whole);
});

test("a keeper that is slower than another keeps nothing of a node that the other has forgotten", async () => {
  const whole = await scene(2);
  const { house, east, keepers } = whole;
  // It learns of the room only when the other hosts it, and then asks again ever more rarely.
  keepers[1]?.ports.reach.set("closed");
  east.kill();
  await house.clock.advance(9_000);
  keepers[1]?.ports.reach.set("open");
  await house.clock.advance(4_000);
  expect(keepers[1]?.keeper.size).toMatchObject({ nodes: 1, wards: 1, rooms: 0 });
  await house.clock.advance(120_000);
  await everythingForgotten(whole);
});

test("a keeper dies in the middle, and the next one does the rest", async () => {
  for (const after of [6_500, 7_500, 20_000]) {
    const whole = await scene(1);
    const { house, east, keepers } = whole;
    east.kill();
    await house.clock.advance(after);
    keepers[0]?.kill();
    const next = house.keeper("keeper-next");
    await house.clock.advance(120_000);
    expect(judged(house)).toEqual({ members: 0, effects: ["away", "away", "left", "left"] });
    await everythingForgotten({ ...whole, keepers: [next] });
  }
});

test("of two keepers the one that hosts dies in the middle, and the other one does the rest", async () => {
  for (const first of [0, 1]) {
    const whole = await scene(2);
    const { house, east, keepers } = whole;
    east.kill();
    await house.clock.advance(10_000);
    keepers[first]?.kill();
    await house.clock.advance(120_000);
    expect(judged(house)).toEqual({ members: 0, effects: ["away", "away", "left", "left"] });
    await everythingForgotten({ ...whole, keepers: keepers.filter((_, i) => i !== first) });
  }
});

test("a keeper that starts long after the death finds what there is to do", async () => {
  const whole = await scene(0);
  const { house, east } = whole;
  east.kill();
  await house.clock.advance(3_600_000);
  const keeper = house.keeper("keeper");
  await house.clock.advance(60_000);
  expect((await keeper.ports.copies.load(key))?.members).toEqual([]);
  await everythingForgotten({ ...whole, keepers: [keeper] });
});

test("a member that resumes elsewhere hears everything, and only the other one is gone", async () => {
  const { house, east, ann, bob, keepers } = await scene();
  bob.say(1);
  await house.clock.settle();
  east.kill();
  await house.clock.advance(10_000);
  const west = house.edge("west");
  const again = west.resume(ann, 2, ann.place());
  await house.clock.advance(60_000);
  expect(again.of("resumed").map(({ verdict }) => verdict)).toEqual(["complete"]);
  // What changed before it came back stands in the room that it is shown.
  expect(again.of("resumed")[0]).toMatchObject({ view: { members: [{ state: "present" }, { state: "away" }] } });
  expect(again.changes).toEqual(["left"]);
  expect(judged(house)).toEqual({ members: 1, effects: ["away", "away", "back", "left"] });
  expect(keepers[0]?.keeper.size.rooms).toBe(0);
  expect(await keepers[0]?.ports.directory.nodes()).toEqual([nodeNamed("west")]);
});

test("sessions that resumed before anybody noticed the death are not touched", async () => {
  const { house, east, ann, bob, keepers } = await scene();
  const west = house.edge("west");
  east.kill();
  west.resume(ann, 2, ann.place());
  west.resume(bob, 2, bob.place());
  await house.clock.advance(60_000);
  expect(judged(house)).toEqual({ members: 2, effects: [] });
  expect(await keepers[0]?.ports.directory.nodes()).toEqual([nodeNamed("west")]);
});

test("a host that lets go before it knows of a death leaves the dead node's members to a keeper", async () => {
  for (const after of [1_000, 4_000, 5_500, 5_900, 6_100, 6_600, 9_000, 20_000]) {
    const { house, east, keepers } = await scene();
    const west = house.edge("west");
    const eve = west.hello().join();
    await house.clock.advance(3_000);
    east.kill();
    await house.clock.advance(after);
    eve.leave(1);
    await house.clock.advance(120_000);
    expect(judged(house).members).toBe(0);
    expect(await keepers[0]?.ports.directory.nodes()).toEqual([]);
    expect(west.node.size.rooms).toBe(0);
  }
});

test("without any keeper a host stays until the members of a dead node have gone", async () => {
  const { house, east } = await scene(0);
  const west = house.edge("west");
  const eve = west.hello().join();
  await house.clock.advance(3_000);
  east.kill();
  await house.clock.advance(7_500);
  eve.leave(1);
  await house.clock.advance(60_000);
  expect(judged(house).members).toBe(0);
  expect(west.node.size.rooms).toBe(0);
});

test("a node wrongly declared dead claims its members back, and its rooms stand in the directory again", async () => {
  const { house, east, ann, keepers } = await scene();
  east.ports.link.cut();
  await house.clock.advance(15_000);
  expect(judged(house).effects).toEqual(["away", "away"]);
  east.ports.link.mend();
  await house.clock.advance(70_000);
  expect(judged(house)).toEqual({ members: 2, effects: ["away", "away", "back", "back"] });
  expect(ann.closed).toBeUndefined();
  expect(keepers[0]?.keeper.size.rooms).toBe(0);
  expect(await keepers[0]?.ports.directory.roomsOf(nodeNamed("east"))).toEqual([key]);
});

test("the memory is gone when the hosts die: the keeper goes on as soon as it is back", async () => {
  const whole = await scene();
  const { house, east } = whole;
  house.cluster.reach.set("closed");
  await house.clock.advance(1_000);
  east.kill();
  await house.clock.advance(600_000 / 5);
  expect(timesOf(house, "away")).toEqual([]);
  house.cluster.reach.set("open");
  await house.clock.advance(5_000);
  expect(timesOf(house, "away")).toHaveLength(2);
  await house.clock.advance(60_000);
  expect(judged(house)).toEqual({ members: 0, effects: ["away", "away", "left", "left"] });
  await everythingForgotten(whole);
});

test("the memory goes while the keeper is at work: it hosts on until its copy is written", async () => {
  const whole = await scene();
  const { house, east, keepers } = whole;
  east.kill();
  await house.clock.advance(10_000);
  house.cluster.reach.set("closed");
  await house.clock.advance(60_000);
  expect(judged(house)).toEqual({ members: 0, effects: ["away", "away", "left", "left"] });
  expect(keepers[0]?.keeper.size.rooms).toBe(1);
  house.cluster.reach.set("open");
  await house.clock.advance(20_000);
  await everythingForgotten(whole);
});

test("a keeper without the log declares nobody dead, and nobody left for a grace after its return", async () => {
  const { house, east, keepers } = await scene();
  keepers[0]?.ports.link.cut();
  await house.clock.advance(30_000);
  keepers[0]?.ports.link.mend();
  await house.clock.advance(20_000);
  expect(judged(house)).toEqual({ members: 2, effects: [] });
  east.kill();
  await house.clock.advance(8_000);
  expect(judged(house).effects).toEqual(["away", "away"]);
});

test("a flushed memory costs a dead node's rooms nothing while its hosts live to say them again", async () => {
  const whole = await scene();
  const { house, east } = whole;
  house.cluster.flush();
  await house.clock.advance(10_000);
  east.kill();
  await house.clock.advance(60_000);
  expect(judged(house)).toEqual({ members: 0, effects: ["away", "away", "left", "left"] });
  await everythingForgotten(whole);
});

test("a node that stops in order leaves nothing for keepers, or its rooms when its clients are still away", async () => {
  const { house, east, ann, bob, keepers } = await scene();
  ann.leave(1);
  bob.leave(1);
  await house.clock.advance(3_000);
  east.node.end();
  await house.clock.settle();
  expect(await keepers[0]?.ports.directory.nodes()).toEqual([]);
  const west = house.edge("west");
  const eve = west.hello().join(attic);
  await house.clock.advance(2_000);
  eve.cut();
  await house.clock.advance(1_000);
  west.node.end();
  await house.clock.settle();
  west.ports.kill();
  await house.clock.advance(60_000);
  expect(judged(house, attic).effects).toEqual(["away", "left"]);
  expect(await keepers[0]?.ports.directory.nodes()).toEqual([]);
});

function roomNumber(i: number): RoomName {
  const name = parseRoomName(`room ${i}`);
  if (!name.ok) throw new Error("a name of this test");
  return name.value;
}

test("hundreds of rooms are loaded a few at a time, and all within the 8 s", async () => {
  const house = new House();
  const keeper = house.keeper("keeper");
  const east = house.edge("east");
  for (let i = 0; i < 300; i += 1) east.hello().join(roomNumber(i));
  await house.clock.advance(10_000);
  let most = 0;
  let open = 0;
  const { nodes } = keeper.ports;
  const ask = nodes.ask.bind(nodes);
  vi.spyOn(nodes, "ask").mockImplementation(async (room) => {
    open += 1;
    most = Math.max(most, open);
    await new Promise<void>((resolve) => house.clock.after(20, resolve));
    open -= 1;
    return ask(room);
  });
  east.kill();
  await house.clock.advance(8_000);
  for (let i = 0; i < 300; i += 1) expect(timesOf(house, "away", roomNumber(i))).toHaveLength(1);
  expect(most).toBeLessThanOrEqual(64);
  await house.clock.advance(60_000);
  expect(keeper.keeper.size).toEqual({ nodes: 0, wards: 0, rooms: 0, kept: 0 });
});

test("a room that nobody can load does not hold up the others, and is tried until its log has aged out", async () => {
  const whole = await scene();
  const { house, east, keepers } = whole;
  const lost = roomKey(realm, attic);
  house.cluster.stream.store(lost, [{ kind: "keep", by: nodeNamed("east") }]);
  await east.ports.directory.addRooms(nodeNamed("east"), [lost], 3_600_000);
  east.kill();
  await house.clock.advance(60_000);
  expect(judged(house)).toEqual({ members: 0, effects: ["away", "away", "left", "left"] });
  expect(keepers[0]?.keeper.size).toMatchObject({ nodes: 1, wards: 1 });
  await house.clock.advance(400_000);
  await everythingForgotten(whole);
});

test("a room that takes seconds to load is not let go meanwhile", async () => {
  const whole = await scene();
  const { house, east, keepers } = whole;
  const copies = keepers[0]?.ports.copies;
  if (copies === undefined) throw new Error("no keeper");
  const load = copies.load.bind(copies);
  vi.spyOn(copies, "load").mockImplementation(async (room) => {
    await new Promise<void>((resolve) => house.clock.after(4_000, resolve));
    return load(room);
  });
  east.kill();
  await house.clock.advance(12_500);
  expect(judged(house).effects).toEqual(["away", "away"]);
});
