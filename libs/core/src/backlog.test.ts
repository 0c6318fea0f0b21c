import { parseRoomName } from "@heliograph/protocol";
import { expect, test } from "vitest";
import { type Client, type Edge, House, lobby } from "../test-kit/story.ts";
import { defaultSettings } from "./settings.ts";

/** A node that holds 100 kB for all its rooms; a room alone may hold more. */
class NarrowHouse extends House {
  override get common() {
    return { ...super.common, settings: { ...defaultSettings, backlogBytes: 100_000 } };
  }
}

function roomNamed(i: number) {
  const name = parseRoomName(`room ${i}`);
  if (!name.ok) throw new Error("a name of this test");
  return name.value;
}

function say(edge: Edge, client: Client, n: number, room = lobby): void {
  const body = { codec: "json", bytes: new Uint8Array(10_000) } as const;
  edge.node.command(client.session, { type: "broadcast", n, room, body });
}

function signal(edge: Edge, client: Client, n: number, room = lobby): void {
  const [joined] = client.of("joined");
  if (joined === undefined) throw new Error("it is in");
  const body = { codec: "json", bytes: new Uint8Array(10_000) } as const;
  edge.node.command(client.session, { type: "signal", n, room, to: joined.self, body });
}

function slowed(client: Client): number {
  return client.of("refused").filter(({ reason }) => reason === "slow_down").length;
}

test("while the log stands still all rooms together hold no more than the node may, and signals have the last half", async () => {
  const house = new NarrowHouse();
  const east = house.edge("east");
  const clients = [0, 1, 2, 3].map((i) => east.hello().join(roomNamed(i)));
  await house.clock.advance(2_000);
  east.ports.link.cut();
  await house.clock.settle();
  const refusals = () => clients.reduce((sum, client) => sum + slowed(client), 0);
  for (let n = 1; n <= 4; n += 1) for (const [i, client] of clients.entries()) say(east, client, n, roomNamed(i));
  expect(16 - refusals()).toBe(5);
  const before = refusals();
  for (let n = 5; n <= 6; n += 1) for (const [i, client] of clients.entries()) signal(east, client, n, roomNamed(i));
  expect(8 - (refusals() - before)).toBe(5);
  const late = east.hello().join(roomNamed(9));
  expect(slowed(late)).toBe(1);
  late.cut();
  east.ports.link.mend();
  await house.clock.advance(2_000);
  for (const client of clients) client.cut();
  await house.clock.advance(60_000);
  expect(east.node.size).toEqual({ sessions: 0, rooms: 0, kept: 0 });
});

test("commands that wait for a room to be loaded count, until it is there or nobody waits any more", async () => {
  const house = new NarrowHouse();
  const east = house.edge("east");
  house.cluster.reach.set("closed");
  const [ann, bob] = [east.hello().join(roomNamed(1)), east.hello().join(roomNamed(2))];
  await house.clock.advance(500);
  for (let n = 2; n <= 9; n += 1) say(east, ann, n, roomNamed(1));
  for (let n = 2; n <= 9; n += 1) say(east, bob, n, roomNamed(2));
  expect([slowed(ann), slowed(bob)]).toEqual([3, 8]);
  ann.cut();
  say(east, bob, 10, roomNamed(2));
  expect(slowed(bob)).toBe(8);
  house.cluster.reach.set("open");
  await house.clock.advance(3_000);
  expect(bob.of("ack").at(-1)).toMatchObject({ n: 10 });
  bob.cut();
  await house.clock.advance(60_000);
  expect(east.node.size).toEqual({ sessions: 0, rooms: 0, kept: 0 });
});
