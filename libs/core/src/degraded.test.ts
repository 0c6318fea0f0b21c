import { roomKey } from "@heliograph/protocol";
import { expect, test } from "vitest";
import { attic, House, lobby, realm } from "../test-kit/story.ts";

test("clients hear what their node is cut off from, each change of it, and when nothing is missing any more", async () => {
  const house = new House();
  const [east, west] = [house.edge("east"), house.edge("west")];
  const [ann, bob] = [east.hello().join(), west.hello().join()];
  await house.clock.advance(2_000);
  const told = (of: typeof ann) => of.of("degraded").map(({ missing }) => missing);
  east.ports.reach.set("closed");
  expect(told(ann)).toEqual([["memory"]]);
  east.ports.link.cut();
  east.ports.reach.set("open");
  east.ports.link.mend();
  expect(told(ann)).toEqual([["memory"], ["log", "memory"], ["log"], []]);
  expect(told(bob)).toEqual([]);
  east.ports.reach.set("closed");
  expect(told(east.hello())).toEqual([["memory"]]);
  house.cluster.reach.set("closed");
  east.ports.reach.set("open");
  expect(told(bob)).toEqual([["memory"]]);
  house.cluster.reach.set("open");
  expect(told(ann).at(-1)).toEqual([]);
  expect(told(bob)).toEqual([["memory"], []]);
});

test("while the memory is gone hosted rooms can be joined, and rooms nobody hosts are `unavailable` until it is back", async () => {
  const house = new House();
  const [east, west] = [house.edge("east"), house.edge("west")];
  const ann = east.hello().join();
  await house.clock.advance(2_000);
  house.cluster.reach.set("closed");
  const bob = west.hello().join();
  await house.clock.advance(1_000);
  expect(bob.of("joined")).toHaveLength(1);
  const eve = west.hello().join(attic);
  await house.clock.advance(11_000);
  expect(eve.of("refused")).toMatchObject([{ reason: "unavailable", room: attic, n: 1 }]);
  ann.say(1);
  await house.clock.advance(600_000);
  ann.say(2);
  await house.clock.advance(1_000);
  expect(bob.said).toEqual([1, 2]);
  house.cluster.reach.set("open");
  eve.join(attic, 2);
  await house.clock.advance(1_000);
  expect(eve.of("joined")).toHaveLength(1);
  await house.clock.advance(4_000);
  expect((await east.ports.copies.load(roomKey(realm, lobby)))?.members).toHaveLength(2);
});

test("while the memory is gone a session resumes on any node, and one of several hosts may die", async () => {
  const house = new House();
  const [east, west] = [house.edge("east"), house.edge("west")];
  const [ann, bob] = [east.hello().join(), west.hello().join()];
  await house.clock.advance(2_000);
  house.cluster.reach.set("closed");
  east.kill();
  bob.say(1);
  await house.clock.settle();
  const again = west.resume(ann, 2, ann.place());
  await house.clock.advance(60_000);
  expect(again.of("resumed").map(({ verdict }) => verdict)).toEqual(["complete"]);
  expect(again.said).toEqual([1]);
  expect(bob.changes.filter((change) => change !== "joined")).toEqual([]);
});
