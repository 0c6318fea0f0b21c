import { newNodeId } from "@heliograph/core";
import { MemoryCluster, SeededRandom, VirtualClock } from "@heliograph/core/memory";
import { expect, test } from "vitest";
import { Counting } from "./counting.ts";

function house() {
  const clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  const random = new SeededRandom(4);
  const cluster = new MemoryCluster({ clock, random });
  const node = (shown: boolean, present = { rooms: 1, sessions: 2, users: 1 }) => {
    const id = newNodeId(random);
    return new Counting({ id, nodes: cluster.node(id).nodes, clock, shown: () => shown, present: () => present });
  };
  return { clock, node };
}

test("[spreed 66] any node tells the numbers of all of them, its own as they are now", async () => {
  const { clock, node } = house();
  const [east, west] = [node(true), node(true)];
  east.accepted();
  east.chat("broadcast");
  west.accepted();
  west.chat("unicast");
  expect(east.total).toEqual({ rooms: 1, sessions: 2, users: 1, count: 1, roomChats: 1, privateChats: 0 });
  await clock.advance(6_000);
  const both = { rooms: 2, sessions: 4, users: 2, count: 2, roomChats: 1, privateChats: 1 };
  expect([east.total, west.total]).toEqual([both, both]);
  east.end();
  west.end();
  expect(clock.timers).toBe(0);
});

test("a node that is silent for 15 s counts no more, and nothing is said where nobody may read it", async () => {
  const { clock, node } = house();
  const [east, west, quiet] = [node(true), node(true), node(false)];
  await clock.advance(6_000);
  expect([east.total.sessions, quiet.total.sessions]).toEqual([4, 6]);
  west.end();
  await clock.advance(16_000);
  expect(east.total.sessions).toBe(2);
  east.end();
  quiet.end();
});
