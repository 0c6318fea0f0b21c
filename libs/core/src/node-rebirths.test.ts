import { roomKey } from "@heliograph/protocol";
import { expect, test } from "vitest";
import { type Client, House, lobby, meeting, realm } from "../test-kit/story.ts";
import type { Entry } from "./room/entry.ts";

// What the simulation of whole clusters found where the log lost what it held, each as the shortest story that tells it.

const key = roomKey(realm, lobby);

test("a state that is being brought up to date tells nobody what it makes of the log", async () => {
  const { house, east, ann, bob } = await meeting("east", "west", 2_000);
  house.cluster.reach.set("closed");
  let said: readonly Entry[] = [];
  east.told = ({ entries }) => {
    said = entries;
  };
  ann.say(1);
  await house.clock.advance(1_000);
  // The copy knows nothing of it; the log forgets it, and a second copy of the same append comes late.
  house.cluster.stream.evict();
  await east.ports.log.append(key, said);
  house.cluster.reach.set("open");
  await house.clock.advance(2_000);
  expect(bob.of("gap").map(({ gap }) => gap.reason)).toStrictEqual(["too_old"]);
  expect(bob.said).toStrictEqual([1]);
});

test("a gap that reaches over the birth of another log says so", async () => {
  const house = new House();
  const [east, west, north] = [house.edge("east"), house.edge("west"), house.edge("north")];
  const ann = east.hello().join();
  await house.clock.settle();
  const bob = west.hello().join();
  await house.clock.advance(2_000);
  east.ports.reach.set("closed");
  west.ports.reach.set("closed");
  house.cluster.stream.evict();
  ann.say(1);
  await house.clock.advance(100);
  house.cluster.stream.rebirth();
  north.hello().join();
  await house.clock.advance(2_000);
  expect(bob.of("gap").map(({ gap }) => gap.reason)).toStrictEqual(["log_restarted"]);
});

test("whose commands another life of the room counted further is made to resume above them", async () => {
  const house = new House();
  const [east, west, north] = [house.edge("east"), house.edge("west"), house.edge("north")];
  const bob = west.hello().join();
  await house.clock.settle();
  const ann = east.hello().join();
  await house.clock.advance(1_000);
  ann.say(1).say(2).say(3);
  await house.clock.advance(1_000);
  // All that is left of the room is with a node that nobody reaches, so elsewhere it is new.
  west.ports.link.cut();
  east.kill();
  house.cluster.flush();
  house.cluster.stream.rebirth();
  const again = north.resume(ann, 2).join();
  await house.clock.advance(1_000);
  expect(again.of("joined").map(({ mark }) => mark)).toStrictEqual([0]);
  west.ports.link.mend();
  await house.clock.advance(1_000);
  expect(again.closed).toBe("unavailable");
  const last = north.resume(ann, 3, again.place());
  await house.clock.advance(1_000);
  expect(last.of("resumed").map(({ mark }) => mark)).toStrictEqual([3]);
  last.say(4);
  await house.clock.advance(1_000);
  expect(bob.said).toStrictEqual([1, 2, 3, 4]);
});

/** What was on the wire reaches the node, where it has not closed meanwhile. */
function arrives(client: Client, n: number): void {
  if (client.closed === undefined) client.say(n);
}

/** Ann's word is stored and heard by Bob, her node learns neither, and says so; then the log begins again, with its state. */
async function undecided() {
  const { house, east, west, ann, bob } = await meeting("east", "west", 2_000);
  east.ports.link.misbehave({ ackLoss: 1, drop: 1 });
  ann.say(1);
  await house.clock.advance(100);
  east.ports.link.cut();
  await house.clock.advance(11_000);
  expect(ann.of("refused").map(({ n, reason }) => [n, reason])).toStrictEqual([[1, "unavailable"]]);
  expect(bob.said).toStrictEqual([1]);
  house.cluster.stream.rebirth();
  west.ports.link.cut();
  const resumes = async (): Promise<string[]> => {
    west.ports.link.mend();
    const again = east.resume(ann, 2, ann.place());
    await house.clock.advance(3_000);
    return again.of("resumed").map((resumed) => (resumed.verdict === "gap" ? resumed.gap.reason : resumed.verdict));
  };
  return { house, east, ann, bob, resumes };
}

test("a command that was undecided, and is on the wire again when the log has begun anew, is not heard twice", async () => {
  const { house, east, ann, bob, resumes } = await undecided();
  east.ports.link.misbehave({});
  east.ports.link.mend();
  await house.clock.advance(2_000);
  arrives(ann, 1);
  await house.clock.advance(500);
  expect([ann.closed, ann.of("gap").length]).toStrictEqual(["unavailable", 0]);
  // Whoever resumes over such a gap reports what was unanswered as unknown.
  expect(await resumes()).toStrictEqual(["log_restarted"]);
  expect(bob.said).toStrictEqual([1]);
});

test("a command that was undecided, and comes again while the state for the new log is sought, stays out of it", async () => {
  const { house, east, ann, bob, resumes } = await undecided();
  east.observe = ({ type }) => {
    if (type === "room_reloaded") house.clock.after(15, () => arrives(ann, 1));
  };
  east.ports.link.misbehave({ delay: [10, 10] });
  east.ports.link.mend();
  await house.clock.advance(2_000);
  expect(ann.of("refused").map(({ n, reason }) => [n, reason])).toStrictEqual([
    [1, "unavailable"],
    [1, "unavailable"],
  ]);
  expect(await resumes()).toStrictEqual(["log_restarted"]);
  expect(bob.said).toStrictEqual([1]);
});

test("a command whose answer had aged out, and is on the wire again when the log begins anew, is not heard twice", async () => {
  const house = new House();
  const [east, west, south] = [house.edge("east"), house.edge("west"), house.edge("south")];
  const ann = east.hello().join();
  await house.clock.settle();
  const bob = west.hello().join();
  const carl = south.hello().join();
  await house.clock.advance(2_000);
  const place = ann.place();
  for (let n = 1; n <= 70; n += 1) bob.say(n);
  await house.clock.advance(310_000);
  south.ports.link.cut();
  ann.say(1);
  await house.clock.advance(100);
  ann.cut();
  const again = east.resume(ann, 2, place);
  await house.clock.advance(1_000);
  const told = again.of("resumed").map((resumed) => (resumed.verdict === "gap" ? resumed.gap.reason : resumed.verdict));
  expect(told).toStrictEqual(["too_old"]);
  for (const { ports } of [east, west]) ports.link.cut();
  house.cluster.stream.rebirth();
  // In the new log the state of a node wins that has not heard Ann.
  south.ports.link.mend();
  carl.say(1);
  await house.clock.advance(1_000);
  for (const { ports } of [east, west]) ports.link.mend();
  await house.clock.advance(3_000);
  arrives(again, 1);
  await house.clock.advance(1_000);
  expect(again.closed).toBe("unavailable");
  expect(bob.said).toStrictEqual([1]);
});

test("of the states that hosts bring into a log begun again twice, the first wins with all of them", async () => {
  const house = new House();
  const [east, west] = [house.edge("east"), house.edge("west")];
  const alarms: string[] = [];
  for (const edge of [east, west]) edge.observe = ({ type }) => void (type === "digest_alarm" && alarms.push(type));
  const ann = east.hello().join();
  await house.clock.settle();
  const bob = west.hello().join();
  await house.clock.advance(1_000);
  west.ports.link.cut();
  house.cluster.stream.rebirth();
  // In the log's second life only one of them is there to say what the room is.
  ann.say(1);
  await house.clock.advance(1_000);
  const again = east.resume(ann, 2, ann.place());
  await house.clock.advance(1_000);
  again.say(2);
  await house.clock.advance(1_000);
  east.ports.link.cut();
  house.cluster.stream.rebirth();
  west.ports.link.mend();
  bob.say(1);
  await house.clock.advance(1_000);
  east.ports.link.mend();
  await house.clock.advance(20_000);
  expect(alarms).toStrictEqual([]);
});

test("what lands while the room is loaded anew is waited for before the room is let go", async () => {
  const { house, east, west, ann, bob } = await meeting("west", "east", 1_000);
  east.ports.link.misbehave({ delay: [40, 40], proveLag: [200, 200] });
  const again = east.resume(bob, 2, bob.place());
  await house.clock.advance(5);
  house.cluster.stream.rebirth();
  await west.ports.log.append(key, [{ kind: "keep", by: west.node.id }]);
  await house.clock.advance(50);
  // Its `back` is in the new log, and the node does not know yet what the room is there.
  again.cut();
  await house.clock.advance(60_000);
  expect(ann.changes.at(-1)).toBe("left");
  expect(east.node.size).toStrictEqual({ sessions: 0, rooms: 0, kept: 0 });
});

test("a stay that nobody asked for is not kept when another life of the room does not know it", async () => {
  const house = new House();
  const [east, west] = [house.edge("east"), house.edge("west")];
  const ann = west.hello().join();
  await house.clock.settle();
  await house.clock.advance(1_000);
  west.ports.link.cut();
  const bob = east.hello().join();
  await house.clock.advance(1_000);
  // Comes back without naming the room; and the log begins again with the state of a node that never heard of it.
  east.ports.link.cut();
  house.cluster.stream.rebirth();
  west.ports.link.mend();
  ann.say(1);
  await house.clock.advance(100);
  east.ports.link.mend();
  const again = east.resume(bob, 2);
  await house.clock.advance(2_000);
  expect(again.closed).toBeUndefined();
  again.cut();
  await house.clock.advance(2_000);
  expect(east.node.size).toStrictEqual({ sessions: 0, rooms: 0, kept: 0 });
});

test("a room too large to be brought into a log begun again lives on with the states that its hosts have", async () => {
  const house = new House();
  const [east, west, north] = [house.edge("east"), house.edge("west"), house.edge("north")];
  const alarms: string[] = [];
  for (const edge of [east, west, north]) {
    edge.tooLarge = (bundle) => bundle.some(({ kind }) => kind === "adopt");
    edge.observe = ({ type }) => void (type === "digest_alarm" && alarms.push(type));
  }
  const [ann, bob] = [east.hello().join(), west.hello().join()];
  await house.clock.advance(1_000);
  for (let n = 1; n <= 20; n += 1) {
    ann.say(n);
    await house.clock.advance(200);
  }
  const before = ann.place();
  house.cluster.stream.rebirth();
  await north.ports.log.append(key, [{ kind: "keep", by: north.node.id }]);
  await house.clock.advance(5_000);
  expect(bob.of("gap").map(({ gap }) => gap.reason)).toStrictEqual(["log_restarted"]);
  ann.say(21);
  bob.say(1);
  await house.clock.advance(2_000);
  expect(bob.said).toContain(21);
  expect(ann.said).toStrictEqual([1]);
  // Whoever comes now finds the room; its copy is of the new log; and what was before cannot be told any more.
  const carl = north.hello().join();
  await house.clock.advance(2_000);
  expect(carl.of("joined").at(-1)?.view.members).toHaveLength(3);
  const copy = await north.ports.copies.load(key);
  expect(copy?.members).toHaveLength(3);
  expect(copy?.at.seq).toBeLessThan(before.position.seq);
  const again = west.resume(bob, 2, before);
  await house.clock.advance(20_000);
  const told = again.of("resumed").map((resumed) => (resumed.verdict === "gap" ? resumed.gap.reason : resumed.verdict));
  expect(told).toStrictEqual(["log_restarted"]);
  expect(alarms).toStrictEqual([]);
});

test("a join that opened its room, tried again as its answer was lost, never passes for the room's beginning later", async () => {
  const house = new House();
  const [east, west, north] = [house.edge("east"), house.edge("west"), house.edge("north")];
  east.ports.link.misbehave({ ackLoss: 1 });
  east.hello().join();
  await house.clock.advance(50);
  const bob = west.hello().join();
  await house.clock.advance(100);
  expect(bob.of("joined")).toHaveLength(1);
  // The second attempt is under way behind his join.
  await house.clock.advance(250);
  east.ports.link.misbehave({ ackLoss: 0 });
  // The first attempt and his join have aged out, the second has not; and nobody is left who knows the room.
  await house.clock.advance(300_150 - 400);
  for (const edge of [east, west]) edge.kill();
  house.cluster.flush();
  const carl = north.hello().join();
  await house.clock.advance(15_000);
  expect(carl.of("joined").map(({ view }) => view.members.length)).toStrictEqual([]);
  expect(carl.of("refused").map(({ reason }) => reason)).toStrictEqual(["unavailable"]);
});

test("a room whose log and whose memory were lost at one moment is brought back by those who had it", async () => {
  const { house, ann, bob } = await meeting("east", "west", 2_000);
  const north = house.edge("north");
  const keep: Entry = { kind: "keep", by: north.node.id };
  await north.ports.log.append(key, [keep]);
  house.cluster.stream.evict();
  await north.ports.log.append(key, [keep]);
  house.cluster.flush();
  // As long as the memory cannot be asked, nobody knows that it has nothing better.
  house.cluster.reach.set("closed");
  await house.clock.advance(6_000);
  const told = () => [ann, bob].map((each) => each.of("gap").map(({ gap }) => gap.reason));
  expect(told()).toStrictEqual([[], []]);
  house.cluster.reach.set("open");
  await house.clock.advance(6_000);
  // Both learn that something is missing, and go on with the members they had.
  expect(told()).toStrictEqual([["too_old"], ["too_old"]]);
  ann.say(1);
  const carl = north.hello().join();
  await house.clock.advance(2_000);
  expect(bob.said).toStrictEqual([1]);
  expect(carl.of("joined").at(-1)?.view.members).toHaveLength(3);
});
