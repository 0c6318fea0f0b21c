import type { RoomName } from "@heliograph/protocol";
import { parseRoomName, roomKey } from "@heliograph/protocol";
import { expect, test } from "vitest";
import { type Edge, House, lobby, nodeNamed, realm } from "../test-kit/story.ts";
import type { Entry } from "./room/entry.ts";

const key = roomKey(realm, lobby);

const upgradesOf = (house: House, room = key): number[] =>
  house.cluster.stream
    .between(room, 0, Number.MAX_SAFE_INTEGER)
    .flatMap(({ entries }) => entries.flatMap((entry) => (entry.kind === "upgrade" ? [entry.rules] : [])));

const rulesOf = async (edge: Edge): Promise<number | undefined> => (await edge.ports.copies.load(key))?.rules;

test("newer rules begin once every node knows them, by one entry per room", async () => {
  const house = new House();
  const [old, east, west] = [house.edge("old", 1), house.edge("east", 2), house.edge("west", 3)];
  const ann = east.hello().join();
  await house.clock.advance(2_000);
  const bob = west.hello().join();
  await house.clock.advance(60_000);
  expect(upgradesOf(house)).toEqual([]);
  // A cut of twice the silence is needed to be sure: until then it may come back.
  old.kill();
  await house.clock.advance(9_500);
  expect(upgradesOf(house)).toEqual([]);
  await house.clock.advance(10_000);
  expect(new Set(upgradesOf(house))).toEqual(new Set([2]));
  expect(await rulesOf(east)).toBe(2);
  const said = upgradesOf(house).length;
  await house.clock.advance(60_000);
  expect(upgradesOf(house)).toHaveLength(said);
  ann.say(1);
  await house.clock.advance(1_000);
  expect(bob.said).toEqual([1]);
});

test("a node that has just begun, or could not hear, does not take silence for consent", async () => {
  const house = new House();
  const east = house.edge("east", 2);
  const old = house.edge("old", 1);
  east.hello().join();
  await house.clock.advance(3_000);
  expect(upgradesOf(house)).toEqual([]);
  east.ports.link.cut();
  await house.clock.advance(30_000);
  east.ports.link.mend();
  await house.clock.advance(60_000);
  expect(upgradesOf(house)).toEqual([]);
  old.kill();
  await house.clock.advance(30_000);
  expect(upgradesOf(house)).toEqual([2]);
});

test("a keeper that knows less holds newer rules up as any node does", async () => {
  const house = new House();
  const keeper = house.keeper("keeper");
  house.edge("east", 2).hello().join();
  await house.clock.advance(60_000);
  expect(upgradesOf(house)).toEqual([]);
  keeper.kill();
  await house.clock.advance(30_000);
  expect(upgradesOf(house)).toEqual([2]);
});

test("a node that was cut off while its room went beyond it sends its clients on to one that can go with it", async () => {
  const house = new House();
  const [old, east] = [house.edge("old", 1), house.edge("east", 2)];
  const ann = old.hello().join();
  await house.clock.advance(2_000);
  const bob = east.hello().join();
  await house.clock.advance(2_000);
  old.ports.link.cut();
  await house.clock.advance(20_000);
  expect(upgradesOf(house)).toEqual([2]);
  old.ports.link.mend();
  await house.clock.advance(2_000);
  expect(ann.closed).toBe("unavailable");
  const again = east.resume(ann, 2, ann.place());
  await house.clock.advance(20_000);
  expect(again.of("resumed").map(({ verdict }) => verdict)).toEqual(["complete"]);
  expect(old.node.size).toEqual({ sessions: 0, rooms: 0, kept: 0 });
  // It does not take part again, neither from a host's answer nor from a copy.
  const eve = old.hello().join();
  await house.clock.advance(11_000);
  expect(eve.of("refused")).toMatchObject([{ reason: "unavailable" }]);
  bob.say(1);
  await house.clock.advance(1_000);
  expect(again.said).toEqual([1]);
});

test("what a newer node says is skipped and counted where it is not known, and the states stay the same", async () => {
  const house = new House();
  const [east, west] = [house.edge("east", 1), house.edge("west", 2)];
  const seen: string[] = [];
  for (const [name, edge] of [["east", east] as const, ["west", west] as const]) {
    edge.observe = (happening) => {
      if (happening.type === "unknown_entry") seen.push(`${name}: ${happening.kind}`);
      if (happening.type === "fault" || happening.type === "digest_alarm") seen.push(happening.type);
    };
  }
  const ann = east.hello().join();
  await house.clock.advance(1_000);
  const bob = west.hello().join();
  await house.clock.advance(1_000);
  const newer = { kind: "hologram", from: ann.session.id, shape: [1, 2, 3] } as unknown as Entry;
  const more = { kind: "keep", by: nodeNamed("west"), mood: "new in version 2" } as Entry;
  house.cluster.stream.store(key, [newer, more]);
  bob.say(1);
  await house.clock.advance(30_000);
  expect(seen.sort()).toEqual(["east: hologram", "west: hologram"]);
  expect(ann.said).toEqual([1]);
});

test("hundreds of rooms are raised at a pace", async () => {
  const house = new House();
  const old = house.edge("old", 1);
  const east = house.edge("east", 2);
  const names = Array.from({ length: 300 }, (_, i) => parseRoomName(`room ${i}`)).flatMap((name): RoomName[] =>
    name.ok ? [name.value] : [],
  );
  for (const name of names) east.hello().join(name);
  await house.clock.advance(15_000);
  old.kill();
  const raised = () => names.flatMap((name) => upgradesOf(house, roomKey(realm, name))).length;
  let most = 0;
  for (let passed = 0; passed < 30_000; passed += 500) {
    const before = raised();
    await house.clock.advance(500);
    most = Math.max(most, raised() - before);
  }
  expect(raised()).toBe(300);
  expect(most).toBeLessThanOrEqual(100);
});
