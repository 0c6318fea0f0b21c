import { roomKey } from "@heliograph/protocol";
import { expect, test, vi } from "vitest";
import { attic, House, lobby, meeting, realm } from "../test-kit/story.ts";

// What the simulation of whole clusters found, each as the shortest story that tells it.

test("what is said while a wrong `away` is being taken back is neither lost nor acknowledged unsaid", async () => {
  const { house, west, ann, bob } = await meeting("east", "west", 3_000);
  west.ports.link.cut();
  await house.clock.advance(10_000);
  // The node has read that its member is away, and its claim is not in the log yet.
  west.told = ({ entries }) => {
    if (entries.some(({ kind }) => kind === "away")) bob.say(1);
  };
  west.ports.link.mend();
  await house.clock.advance(3_000);
  bob.say(2);
  await house.clock.advance(1_000);
  expect(ann.changes).toStrictEqual(["joined", "away", "back"]);
  expect(ann.said).toStrictEqual([1, 2]);
  expect(bob.of("ack").map(({ n }) => n)).toStrictEqual([1, 2]);
});

test("the last host's copy stands at the end of a bundle, never within it", async () => {
  const house = new House();
  const edge = house.edge("east");
  const ann = edge.hello().join();
  await house.clock.advance(2_000);
  ann.leave(1).say(2);
  await house.clock.advance(2_000);
  expect(edge.node.size.rooms).toBe(0);
  const copy = await edge.ports.copies.load(roomKey(realm, lobby));
  expect(copy?.at.index).toBe(1);
});

test("a join whose answer was lost is asked again on the same node, and what was said meanwhile is told", async () => {
  const { house, east, ann, bob } = await meeting("east", "east");
  ann.say(1);
  await house.clock.settle();
  const again = east.resume(bob, 2).join();
  ann.say(2);
  await house.clock.settle();
  expect(again.of("refused")).toStrictEqual([]);
  expect(again.of("joined")).toHaveLength(1);
  expect(again.heard.map(({ type }) => type)).toStrictEqual(["welcome", "joined", "broadcast", "broadcast"]);
  expect(again.said).toStrictEqual([1, 2]);
});

test("a session that comes back to its node without naming a room hears nothing of it, and is not kept in it", async () => {
  const { house, east, ann, bob } = await meeting("east", "east");
  const again = east.resume(bob, 2);
  ann.say(1);
  await house.clock.advance(40_000);
  expect(again.heard.map(({ type }) => type)).toStrictEqual(["welcome"]);
  expect(ann.changes).toStrictEqual(["joined", "away", "left"]);
});

test("a replica that lags does not take a member's coming for a stranger's", async () => {
  const { house, east, west } = await meeting("east", "west", 1_000);
  west.ports.link.misbehave({ drop: 1 });
  const bob = east.hello().join();
  await house.clock.settle();
  const again = west.resume(bob, 2, bob.place());
  await house.clock.advance(1_000);
  expect(again.of("resumed").map(({ verdict }) => verdict)).toStrictEqual(["complete"]);
});

test("a room that only the log remembers is loaded from it at once", async () => {
  const house = new House();
  const [east, west] = [house.edge("east"), house.edge("west")];
  const ann = east.hello().join();
  await house.clock.settle();
  east.kill();
  house.cluster.flush();
  const again = west.resume(ann, 2, ann.place());
  await house.clock.advance(1_000);
  expect(again.closed).toBeUndefined();
  expect(again.of("resumed").map(({ verdict }) => verdict)).toStrictEqual(["complete"]);
});

test("a log that has dropped what a room stood on is bridged by a state that all adopt", async () => {
  const { house, west, ann, bob } = await meeting("east", "west", 2_000);
  house.cluster.stream.evict();
  bob.say(1);
  await house.clock.advance(2_000);
  expect(ann.of("gap").map(({ gap }) => gap.reason)).toContain("too_old");
  // What it asked stood in the part in doubt: it asks again as it comes back.
  const again = west.resume(bob, 2, bob.place()).say(1).say(2);
  await house.clock.advance(2_000);
  expect(ann.said).toContain(2);
  expect(again.of("ack").at(-1)?.n).toBe(2);
  expect(ann.closed).toBeUndefined();
});

test("a join that was given up as unavailable and lands all the same leaves no ghost", async () => {
  const house = new House();
  const [east, west] = [house.edge("east"), house.edge("west")];
  const ann = west.hello().join();
  await house.clock.advance(1_000);
  east.observe = ({ type }) => {
    if (type === "room_loaded") east.ports.link.cut();
  };
  const bob = east.hello().join();
  await house.clock.advance(15_000);
  expect(bob.of("refused").map(({ reason }) => reason)).toStrictEqual(["unavailable"]);
  bob.cut();
  east.ports.link.mend();
  await house.clock.advance(75_000);
  expect(ann.changes).toStrictEqual(["joined", "away", "left"]);
  expect(east.node.size).toStrictEqual({ sessions: 0, rooms: 0, kept: 0 });
});

test("a connection is taken over as a whole, though only one of its rooms had claimed its member back", async () => {
  const house = new House();
  const [east, west] = [house.edge("east"), house.edge("west")];
  const ann = east.hello().join();
  await house.clock.settle();
  const bob = west.hello().join().join(attic, 2);
  await house.clock.advance(3_000);
  west.ports.link.cut();
  await house.clock.advance(10_000);
  west.ports.link.mend();
  await house.clock.advance(3_000);
  expect(ann.changes).toStrictEqual(["joined", "away", "back"]);
  const moved = east.resume(bob, 2, bob.place(attic));
  await house.clock.advance(1_000);
  expect(moved.of("resumed")).toHaveLength(1);
  expect(bob.closed).toBe("taken_over");
});

test("a stay that waits for its room to be loaded is not ended by an earlier one that the log tells of", async () => {
  const house = new House();
  const [east, west] = [house.edge("east"), house.edge("west")];
  const ann = west.hello().join();
  const bob = east.hello().join();
  await house.clock.advance(1_000);
  bob.leave(1);
  await house.clock.advance(5_000);
  expect(east.node.size.rooms).toBe(0);
  west.kill();
  house.cluster.flush();
  bob.join(lobby, 2);
  await house.clock.advance(5_000);
  expect(bob.of("joined")).toHaveLength(2);
  expect(ann.changes).toStrictEqual(["joined", "left"]);
});

test("a join that took an away stay over is not told again from the log as someone new", async () => {
  const { house, east, west, ann, bob } = await meeting("east", "east", 1_000);
  ann.cut();
  bob.cut();
  await house.clock.advance(1_000);
  east.resume(bob, 2).join();
  await house.clock.advance(1_000);
  const again = west.resume(ann, 2, ann.place());
  await house.clock.advance(1_000);
  expect(again.of("resumed").map(({ verdict }) => verdict)).toStrictEqual(["complete"]);
  expect(again.changes).toStrictEqual([]);
});

test("a resume whose proposal was given up leaves no stay behind", async () => {
  const { house, west, ann } = await meeting("east", "west", 1_000);
  // The first bundle is on its way into nowhere, and the resume waits behind it.
  west.ports.link.stall();
  const bob = west.resume(ann, 2, ann.place());
  bob.say(1);
  await house.clock.advance(500);
  bob.cut();
  await house.clock.advance(20_000);
  expect(west.node.size.sessions).toBe(1);
});

test("a resume that reads the log is answered though its member is declared away meanwhile", async () => {
  const { house, east, west, ann, bob } = await meeting("east", "east", 1_000);
  const place = bob.place();
  ann.say(1);
  await house.clock.advance(1_000);
  west.ports.link.misbehave({ delay: [40, 40] });
  const again = west.resume(bob, 2, place);
  // As soon as the log has the resume, someone takes the node's silence for death.
  west.told = ({ entries }) => {
    const back = entries.find((entry) => entry.kind === "back" && entry.epoch.bump === 0);
    if (back?.kind !== "back") return;
    const { member, epoch } = back;
    east.ports.log.append(roomKey(realm, lobby), [{ kind: "away", member, epoch }]).catch(() => undefined);
  };
  await house.clock.advance(2_000);
  expect(again.of("resumed").map(({ verdict }) => verdict)).toStrictEqual(["complete"]);
  expect(again.said).toStrictEqual([1]);
  expect(ann.changes.slice(-2)).toStrictEqual(["away", "back"]);
});

test("a resume that reads the log is answered though its member is removed meanwhile", async () => {
  const { house, west, ann, bob } = await meeting("east", "east", 1_000);
  const place = bob.place();
  ann.say(1);
  await house.clock.advance(1_000);
  west.ports.link.misbehave({ delay: [40, 40] });
  const again = west.resume(bob, 2, place);
  west.told = ({ entries }) => {
    const back = entries.find((entry) => entry.kind === "back");
    if (back?.kind === "back") ann.remove(2, back.member);
  };
  await house.clock.advance(2_000);
  expect(ann.of("moderated")).toHaveLength(1);
  expect(again.of("resumed").map(({ verdict }) => verdict)).toStrictEqual(["expired"]);
  // It may come in again, and hears everything then.
  again.join(lobby, 3);
  await house.clock.advance(1_000);
  ann.say(3);
  await house.clock.advance(1_000);
  expect(again.said).toStrictEqual([3]);
});

test("who is in and asks for the room again is answered though the log is out of reach", async () => {
  const house = new House();
  const edge = house.edge("east");
  const ann = edge.hello().join();
  await house.clock.advance(1_000);
  edge.ports.link.stall();
  ann.join(lobby, 2);
  await house.clock.advance(15_000);
  expect(ann.of("refused").map(({ n, reason }) => `${n} ${reason}`)).toStrictEqual(["2 unavailable"]);
  edge.ports.link.mend();
  await house.clock.advance(1_000);
  ann.join(lobby, 3);
  await house.clock.advance(1_000);
  expect(ann.of("joined").map(({ n }) => n)).toStrictEqual([1, 3]);
});

test("who is removed while it asks for the room again is answered", async () => {
  const { house, east, ann, bob } = await meeting("west", "east", 1_000);
  const [{ self } = { self: undefined }] = bob.of("joined");
  if (self === undefined) throw new Error("not in");
  east.ports.link.misbehave({ delay: [40, 40] });
  bob.join(lobby, 2);
  ann.remove(1, self);
  await house.clock.advance(2_000);
  expect(bob.of("refused").map(({ n, reason }) => `${n} ${reason}`)).toStrictEqual(["2 expired"]);
});

test("a node that dies before anybody has heard of it is noticed as soon as any other", async () => {
  const house = new House();
  const [east, west] = [house.edge("east"), house.edge("west")];
  vi.spyOn(east.ports.nodes, "beat").mockReturnValue();
  east.hello().join();
  await house.clock.settle();
  const bob = west.hello().join();
  await house.clock.advance(1_000);
  east.kill();
  await house.clock.advance(8_000);
  expect(bob.changes).toStrictEqual(["away"]);
});
