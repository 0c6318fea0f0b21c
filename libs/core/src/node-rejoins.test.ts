import { roomKey } from "@heliograph/protocol";
import { expect, test } from "vitest";
import { House, lobby, meeting, realm } from "../test-kit/story.ts";

// What the simulation of whole clusters found about joins that are asked again and claims that pass them by.

test("who asks for the room again while a wrong `away` is being taken back is answered", async () => {
  const { house, east, ann, bob } = await meeting("west", "east", 3_000);
  // It asks before its node has read that it is away: the claim that follows has a higher epoch than this join.
  east.ports.link.cut();
  await house.clock.advance(10_000);
  bob.join(lobby, 2);
  east.ports.link.mend();
  await house.clock.advance(3_000);
  expect(ann.changes).toStrictEqual(["joined", "away", "back"]);
  expect(bob.of("joined").map(({ n }) => n)).toStrictEqual([1, 2]);
});

test("a join that never landed leaves no stay behind when the connection after it did not ask for the room", async () => {
  const house = new House();
  const [east, west] = [house.edge("east"), house.edge("west")];
  west.hello().join();
  await house.clock.settle();
  const ann = east.hello().join();
  await house.clock.advance(1_000);
  ann.leave(1);
  await house.clock.advance(1_000);
  const carl = east.hello().join();
  await house.clock.advance(1_000);
  east.ports.link.stall();
  // The first bundle is on its way into nowhere, and the join waits behind it.
  carl.say(1);
  await house.clock.advance(500);
  ann.join(lobby, 2);
  ann.cut();
  const again = east.resume(ann, 2);
  await house.clock.advance(15_000);
  again.cut();
  east.ports.link.mend();
  await house.clock.advance(5_000);
  expect(east.node.size.sessions).toBe(1);
});

test("a room that never falls silent loses its dead in time all the same", async () => {
  const { house, east, west, ann } = await meeting("east", "west", 3_000);
  // Whatever it appends is under way for longer than she is silent: its lane is never empty.
  east.ports.link.misbehave({ delay: [60, 60] });
  let n = 0;
  const talk = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 20) {
      n += 1;
      ann.say(n);
      await house.clock.advance(20);
    }
  };
  await talk(2_000);
  west.kill();
  await talk(8_000);
  expect(ann.changes).toStrictEqual(["joined", "away"]);
  await talk(35_000);
  expect(ann.changes).toStrictEqual(["joined", "away", "left"]);
});

test("who is in and asks for the room again stays in, however often the log is out of reach for it", async () => {
  const { house, east, ann, bob } = await meeting("west", "east", 1_000);
  east.ports.link.stall();
  bob.join(lobby, 2);
  await house.clock.advance(15_000);
  // The log has not answered for so long that nothing is proposed any more.
  bob.join(lobby, 3);
  expect(bob.of("refused").map(({ n, reason }) => `${n} ${reason}`)).toStrictEqual(["2 unavailable", "3 unavailable"]);
  east.ports.link.mend();
  await house.clock.advance(60_000);
  expect(ann.changes).toStrictEqual(["joined", "away", "back"]);
  bob.join(lobby, 4);
  await house.clock.advance(1_000);
  expect(bob.of("joined").map(({ n }) => n)).toStrictEqual([1, 4]);
});

test("who asks for the room again after a claim is not taken for another's connection", async () => {
  const { house, east, ann, bob } = await meeting("west", "east", 3_000);
  east.ports.link.cut();
  await house.clock.advance(10_000);
  east.ports.link.mend();
  await house.clock.advance(3_000);
  expect(ann.changes).toStrictEqual(["joined", "away", "back"]);
  bob.join(lobby, 2);
  await house.clock.advance(1_000);
  expect(bob.closed).toBeUndefined();
  expect(bob.of("joined").map(({ n }) => n)).toStrictEqual([1, 2]);
});

/** Bob's join is given up as unavailable, and lands all the same. */
async function landedUnheard(house: House) {
  const [east, west] = [house.edge("east"), house.edge("west")];
  const ann = west.hello().join();
  await house.clock.advance(1_000);
  east.observe = ({ type }) => {
    if (type === "room_loaded") east.ports.link.cut();
  };
  const bob = east.hello().join();
  await house.clock.advance(15_000);
  expect(bob.of("refused").map(({ reason }) => reason)).toStrictEqual(["unavailable"]);
  east.observe = () => undefined;
  east.ports.link.mend();
  return { east, west, ann, bob };
}

test("who joins once more after its lost join was declared away is present", async () => {
  const house = new House();
  const { ann, bob } = await landedUnheard(house);
  await house.clock.advance(5_000);
  expect(ann.changes).toStrictEqual(["joined", "away"]);
  bob.join(lobby, 2);
  await house.clock.advance(60_000);
  expect(bob.of("joined").map(({ n }) => n)).toStrictEqual([2]);
  expect(ann.changes).toStrictEqual(["joined", "away", "back"]);
});

test("who joins once more while its lost join is being declared away is answered and present", async () => {
  const house = new House();
  const { east, west, ann, bob } = await landedUnheard(house);
  await house.clock.advance(500);
  expect(ann.changes).toStrictEqual(["joined"]);
  const [joined] = ann.of("member");
  const member = joined?.what.change === "joined" ? joined.what.member.id : undefined;
  if (member === undefined) throw new Error("not told");
  const epoch = { attempt: 1, bump: 0, node: east.node.id };
  const away = west.ports.log.append(roomKey(realm, lobby), [{ kind: "away", member, epoch }]);
  bob.join(lobby, 2);
  await away;
  await house.clock.advance(60_000);
  expect(bob.of("joined").map(({ n }) => n)).toStrictEqual([2]);
  expect(ann.changes).toStrictEqual(["joined", "away", "back"]);
});

test("a claim that is given up leaves no stay behind of who was removed meanwhile", async () => {
  const { house, east, west, ann, bob } = await meeting("west", "east", 1_000);
  const [from, member] = [ann, bob].map((client) => client.of("joined")[0]?.self);
  if (from === undefined || member === undefined) throw new Error("not in");
  // What he says is on its way into nowhere, and the claim waits behind it.
  east.told = ({ entries }) => {
    if (entries.some(({ kind }) => kind === "moderate")) east.ports.link.stall();
  };
  const epoch = { attempt: 1, bump: 0 };
  east.ports.link.misbehave({ delay: [40, 40] });
  await west.ports.log.append(roomKey(realm, lobby), [
    { kind: "away", member, epoch: { ...epoch, node: east.node.id } },
    { kind: "moderate", from, epoch: { ...epoch, node: west.node.id }, n: 1, action: { action: "remove", member } },
  ]);
  await house.clock.advance(20);
  bob.say(1);
  await house.clock.advance(15_000);
  expect(bob.closed).toBe("unavailable");
  east.ports.link.mend();
  await house.clock.advance(60_000);
  expect(east.node.size).toStrictEqual({ sessions: 0, rooms: 0, kept: 0 });
});
