// Letters to sessions outside any room, the channels that they come by, and take-overs through these.
import { parseSessionId, personalRoom, roomKey } from "@heliograph/protocol";
import { expect, test } from "vitest";
import { type Client, type Edge, House, lobby, nodeNamed, realm } from "../test-kit/story.ts";
import type { Happening } from "./ports/observer.ts";
import type { Entry } from "./room/entry.ts";

const body = (word: number) => ({ codec: "json" as const, bytes: new Uint8Array([word]) });
const keyOf = (client: Client) => roomKey(realm, personalRoom(client.session.id));
const nothing = { sessions: 0, rooms: 0, kept: 0 };

function alarmsOf(...edges: readonly Edge[]): Happening[] {
  const seen: Happening[] = [];
  for (const edge of edges)
    edge.observe = (happening) => {
      if (["fault", "digest_alarm", "unknown_entry"].includes(happening.type)) seen.push(happening);
    };
  return seen;
}

test("a letter reaches the session on another node, and on its own, in the order in which it was written", async () => {
  const house = new House();
  const [east, west] = [house.edge("east", 2), house.edge("west", 2)];
  const alarms = alarmsOf(east, west);
  const [ann, bob] = [east.call(), west.call()];
  await house.clock.advance(500);
  expect([ann.reachable, bob.reachable]).toEqual([true, true]);
  ann.letter(bob, 1).letter(bob, 2).letter(ann, 3);
  bob.letter(ann, 4);
  await house.clock.advance(500);
  ann.letter(bob, 5);
  await house.clock.advance(500);
  expect(bob.letters).toEqual([1, 2, 5]);
  expect([...ann.letters].sort()).toEqual([3, 4]);
  expect(bob.of("letter").map(({ from }) => from)).toEqual(Array(3).fill(ann.session.id));
  expect(bob.of("refused")).toEqual([]);
  expect(alarms).toEqual([]);
});

test("the house writes without a name, and a client without a channel writes and is told of no outcome", async () => {
  const house = new House();
  const [east, west] = [house.edge("east", 2), house.edge("west", 2)];
  const ann = east.call();
  const bob = west.hello();
  await house.clock.advance(500);
  west.node.letter(realm, ann.session.id, body(1));
  bob.letter(ann, 2);
  await house.clock.advance(500);
  expect(ann.of("letter").map(({ from }) => from)).toEqual([undefined, bob.session.id]);
  expect(bob.heard.map(({ type }) => type)).toEqual(["welcome"]);
});

test("letters to nobody have no effect, keep nothing behind, and keep nobody out", async () => {
  const house = new House();
  const [east, west] = [house.edge("east", 2), house.edge("west", 2)];
  const ann = east.call();
  await house.clock.advance(500);
  const { session } = ann;
  ann.depart();
  await house.clock.advance(5_000);
  expect(east.node.size).toEqual(nothing);
  // Longer than anyone remembers that there was such a channel, while letters go on.
  const eve = west.hello();
  for (let i = 0; i < 40; i += 1) {
    eve.letter(session.id, i);
    await house.clock.advance(10_000);
  }
  expect(await east.ports.copies.load(keyOf(ann))).toBeUndefined();
  eve.letter(session.id, 98);
  const again = east.call(ann, 2);
  await house.clock.advance(1_000);
  expect(again.reachable).toBe(true);
  eve.letter(again, 99);
  await house.clock.advance(1_000);
  expect(again.letters).toEqual([99]);
  again.depart();
  eve.cut();
  await house.clock.advance(5_000);
  expect([east.node.size, west.node.size]).toEqual([nothing, nothing]);
});

test("what no session is, is too large or too much is refused at once", async () => {
  const house = new House();
  const east = house.edge("east", 2);
  const ann = east.call();
  await house.clock.advance(500);
  const raw: string = "lobby";
  east.node.command(ann.session, { type: "letter", to: raw as never, body: body(1) });
  const large = { codec: "json" as const, bytes: new Uint8Array(300_000) };
  east.node.command(ann.session, { type: "letter", to: ann.session.id, body: large });
  for (let i = 0; i < 1_200; i += 1) ann.letter(ann, 1);
  await house.clock.advance(500);
  expect(
    ann
      .of("refused")
      .map(({ reason }) => reason)
      .slice(0, 3),
  ).toEqual(["malformed", "too_large", "slow_down"]);
  expect(ann.letters.length).toBeLessThan(1_010);
});

test("a lane that stands still takes no more letters, and what follows an outage is in order", async () => {
  const house = new House();
  const [east, west] = [house.edge("east", 2), house.edge("west", 2)];
  const [ann, bob] = [east.call(), west.call()];
  await house.clock.advance(500);
  east.ports.link.cut();
  ann.letter(bob, 1);
  await house.clock.advance(12_000);
  ann.letter(bob, 2);
  expect(ann.of("refused").map(({ reason }) => reason)).toEqual(["unavailable"]);
  east.ports.link.mend();
  await house.clock.advance(2_000);
  ann.letter(bob, 3);
  await house.clock.advance(2_000);
  expect(bob.letters).toEqual([1, 3]);
});

test("an append that is doubled delivers each letter once, however many it holds", async () => {
  const house = new House();
  const [east, west] = [house.edge("east", 2), house.edge("west", 2)];
  const [ann, bob] = [east.call(), west.call()];
  await house.clock.advance(500);
  east.ports.link.misbehave({ appendTwice: 1 });
  for (let i = 0; i < 100; i += 1) ann.letter(bob, i);
  await house.clock.advance(1_000);
  east.ports.link.misbehave({});
  ann.letter(bob, 100);
  await house.clock.advance(1_000);
  expect(bob.letters).toEqual(Array.from({ length: 101 }, (_, i) => i));
});

test("letters of one turn after the other arrive in order and none is missing, however late appends and their answers are", async () => {
  const house = new House();
  const [east, west] = [house.edge("east", 2), house.edge("west", 2)];
  const [ann, bob] = [east.call(), west.call()];
  await house.clock.advance(500);
  east.ports.link.misbehave({ delay: [0, 80], reorder: 0.5, ackLoss: 0.4, appendTwice: 0.3 });
  const words = Array.from({ length: 60 }, (_, i) => i);
  for (const word of words) {
    ann.letter(bob, word);
    await house.clock.advance(7);
  }
  await house.clock.advance(5_000);
  expect(bob.letters).toEqual(words);
});

test("a newer connection takes over the session on another node, though it is in no room", async () => {
  const house = new House();
  const [east, west] = [house.edge("east", 2), house.edge("west", 2)];
  const alarms = alarmsOf(east, west);
  const [ann, bob] = [east.call(), west.call()];
  await house.clock.advance(500);
  bob.letter(ann, 1);
  await house.clock.advance(500);
  const again = west.call(ann, 2);
  await house.clock.advance(500);
  expect(ann.closed).toBe("taken_over");
  bob.letter(ann, 2);
  await house.clock.advance(2_000);
  // What the former connection has heard is not told again.
  expect([ann.letters, again.letters]).toEqual([[1], [2]]);
  // The older of two attempts comes too late, wherever it comes.
  const late = east.call(ann, 1);
  await house.clock.advance(500);
  expect(late.closed ?? late.of("refused").map(({ reason }) => reason)).toEqual("taken_over");
  expect(east.node.size).toEqual(nothing);
  again.depart();
  bob.depart();
  await house.clock.advance(5_000);
  expect(west.node.size).toEqual(nothing);
  expect(alarms).toEqual([]);
});

test("on the same node the newer connection goes on in the same channel", async () => {
  const house = new House();
  const east = house.edge("east", 2);
  const ann = east.call();
  await house.clock.advance(500);
  const again = east.call(ann, 2);
  await house.clock.advance(500);
  expect(ann.closed).toBe("taken_over");
  again.letter(again, 7);
  await house.clock.advance(500);
  expect([again.reachable, again.letters, ann.letters]).toEqual([true, [7], []]);
});

test("what was written while its node was dead comes to the connection that takes the session up", async () => {
  const house = new House();
  const [east, west] = [house.edge("east", 2), house.edge("west", 2)];
  house.keeper("keeper", 2);
  const [ann, bob] = [east.call(), west.call()];
  await house.clock.advance(2_500);
  bob.letter(ann, 1);
  await house.clock.advance(2_500);
  east.kill();
  await house.clock.advance(9_000);
  bob.letter(ann, 2).letter(ann, 3);
  await house.clock.advance(1_000);
  const again = west.call(ann, 2);
  await house.clock.advance(1_000);
  bob.letter(ann, 4);
  await house.clock.advance(1_000);
  expect(again.letters).toEqual([2, 3, 4]);
});

test("a session whose node died and that does not come back is ended by a keeper", async () => {
  const house = new House();
  const east = house.edge("east", 2);
  const keeper = house.keeper("keeper", 2);
  const ann = east.call();
  await house.clock.advance(5_000);
  east.kill();
  await house.clock.advance(60_000);
  expect(keeper.keeper.size).toEqual({ nodes: 0, wards: 0, rooms: 0, kept: 0 });
  const copy = await keeper.ports.copies.load(keyOf(ann));
  expect(copy?.members).toEqual([]);
});

test("a node that was taken for dead claims its session back, and gives it what waited", async () => {
  const house = new House();
  const [east, west] = [house.edge("east", 2), house.edge("west", 2)];
  const [ann, bob] = [east.call(), west.call()];
  const stop = west.node.watch(realm, personalRoom(ann.session.id), { view: () => undefined, event: () => undefined });
  await house.clock.advance(3_000);
  bob.letter(ann, 1);
  await house.clock.advance(500);
  east.ports.link.cut();
  await house.clock.advance(9_000);
  bob.letter(ann, 2);
  await house.clock.advance(500);
  expect(ann.letters).toEqual([1]);
  east.ports.link.mend();
  await house.clock.advance(5_000);
  bob.letter(ann, 3);
  await house.clock.advance(1_000);
  expect([ann.letters, ann.closed]).toEqual([[1, 2, 3], undefined]);
  stop();
});

test("a session whose channel is lost is closed, so that it comes again", async () => {
  const house = new House();
  const [east, west] = [house.edge("east", 2), house.edge("west", 2)];
  const ann = east.call();
  const stop = west.node.watch(realm, personalRoom(ann.session.id), { view: () => undefined, event: () => undefined });
  await house.clock.advance(3_000);
  east.ports.link.cut();
  await house.clock.advance(60_000);
  east.ports.link.mend();
  await house.clock.advance(5_000);
  expect(ann.closed).toBe("unavailable");
  const again = west.call(ann, 2);
  await house.clock.advance(1_000);
  expect(again.reachable).toBe(true);
  stop();
});

test("who joins anew is told the room as it is, and not what an earlier connection has heard of it", async () => {
  const house = new House();
  const [east, west] = [house.edge("east", 2), house.edge("west", 2)];
  const ann = east.call().join();
  const bob = west.call().join();
  await house.clock.advance(500);
  bob.say(1);
  await house.clock.advance(500);
  const again = west.call(ann, 2);
  const command = { type: "join", n: 1, room: lobby, profile: {} } as const;
  west.node.command(again.session, { ...command, anew: true });
  await house.clock.advance(500);
  bob.say(2);
  await house.clock.advance(500);
  expect([ann.said, again.said, again.of("gap")]).toEqual([[1], [2], []]);
  expect(bob.changes).toEqual([]);
  // Otherwise what was said since the first join comes with its answer.
  const once = east.call(again, 3);
  east.node.command(once.session, command);
  await house.clock.advance(500);
  expect(once.said).toEqual([1, 2]);
});

test("whoever departs has left every room at once, and is told as lost", async () => {
  const house = new House();
  const [east, west] = [house.edge("east", 2), house.edge("west", 2)];
  const ann = east.call().join();
  const bob = west.call().join();
  await house.clock.advance(1_000);
  ann.depart();
  await house.clock.advance(200);
  expect(bob.of("member").at(-1)?.what).toMatchObject({ change: "left", id: ann.session.id, why: "lost" });
  await house.clock.advance(5_000);
  expect(east.node.size).toEqual(nothing);
  bob.leave(1);
  await house.clock.advance(500);
  // An end that is told late, of a connection that another one has followed, ends nothing.
  const again = west.call(bob, 2);
  await house.clock.advance(500);
  bob.depart();
  await house.clock.advance(1_000);
  again.letter(again, 1);
  await house.clock.advance(500);
  expect(again.letters).toEqual([1]);
});

test("a session that departs before its rooms are at hand leaves nothing behind", async () => {
  const house = new House();
  const east = house.edge("east", 2);
  east.call().join().depart();
  const ann = east.call().join();
  await house.clock.advance(20);
  ann.depart();
  await house.clock.advance(10_000);
  expect(east.node.size).toEqual(nothing);
});

test("any node sees who a session is, as long as it is there", async () => {
  const house = new House();
  const [east, west] = [house.edge("east", 2), house.edge("west", 2)];
  const ann = east.call();
  await house.clock.advance(500);
  const id = ann.session.id;
  east.node.command(ann.session, {
    type: "profile",
    n: 1,
    room: personalRoom(id),
    profile: { name: "Ann", status: "in" },
  });
  await house.clock.advance(500);
  const seen = { ok: true, value: { id, profile: { name: "Ann", status: "in" }, role: "moderator", state: "present" } };
  const look = async (edge: Edge, session = id) => {
    const looking = edge.node.look(realm, session);
    await house.clock.advance(1_000);
    return looking;
  };
  expect(await look(east)).toEqual(seen);
  expect(await look(west)).toEqual(seen);
  const stranger = parseSessionId("s".repeat(22));
  if (!stranger.ok) throw new Error("a session");
  expect(await look(west, stranger.value)).toMatchObject({ ok: false, reason: "unknown_peer" });
  ann.depart();
  await house.clock.advance(5_000);
  expect(await look(west)).toMatchObject({ ok: false, reason: "unknown_peer" });
  west.ports.link.cut();
  expect(await look(west)).toMatchObject({ ok: false, reason: "unavailable" });
});

test("in rooms of the first rules letters have no effect, and in rooms of many they never have one", async () => {
  const house = new House();
  const east = house.edge("east", 2);
  const alarms = alarmsOf(east);
  const ann = east.hello().join();
  await house.clock.advance(1_000);
  const letter: Entry = { kind: "letter", by: nodeNamed("west"), count: 1, body: body(1) };
  house.cluster.stream.store(roomKey(realm, lobby), [letter]);
  await house.clock.advance(30_000);
  house.cluster.stream.store(roomKey(realm, lobby), [{ ...letter, count: 2 }]);
  await house.clock.advance(1_000);
  expect(ann.letters).toEqual([]);
  expect(alarms).toEqual([]);
});

test("a room begins with the newest rules where every process is known to apply them", async () => {
  const house = new House();
  const known = house.edge("east", 2, 2);
  known.hello().join();
  await house.clock.advance(2_000);
  const bundles = house.cluster.stream.between(roomKey(realm, lobby), 0, Number.MAX_SAFE_INTEGER);
  expect(bundles[0]?.entries.map(({ kind }) => kind)).toEqual(["upgrade", "join"]);
  // Such a log tells the whole room as one that begins with the join does.
  await house.cluster.flush();
  known.kill();
  const other = house.edge("west", 2);
  const bob = other.hello().join();
  await house.clock.advance(2_000);
  expect(bob.of("joined").map(({ view }) => view.members.length)).toEqual([2]);
});
