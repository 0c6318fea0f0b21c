import { describe, expect, test, vi } from "vitest";
import { attic, House, lobby } from "../test-kit/story.ts";

describe("one node", () => {
  test("two clients meet, talk, and are answered", async () => {
    const house = new House();
    const edge = house.edge("east");
    const ann = edge.hello().join();
    await house.clock.settle();
    const bob = edge.hello().join();
    await house.clock.settle();
    expect(ann.of("joined")).toHaveLength(1);
    expect(bob.of("joined")[0]?.view.members.map((member) => member.role)).toStrictEqual(["moderator", "participant"]);
    expect(ann.changes).toStrictEqual(["joined"]);
    bob.say(1);
    const signal = {
      type: "signal",
      n: 2,
      room: lobby,
      to: ann.self,
      body: { codec: "json", bytes: new Uint8Array([1]) },
    } as const;
    edge.node.command(bob.session, signal);
    await house.clock.settle();
    expect(ann.said).toStrictEqual([1]);
    expect(ann.of("signal")).toHaveLength(1);
    expect(bob.of("ack").map(({ n }) => n)).toStrictEqual([1, 2]);
    expect(bob.said).toStrictEqual([]);
  });

  test("everything returns to zero when everybody has left", async () => {
    const house = new House();
    const edge = house.edge("east");
    const ann = edge.hello().join();
    const bob = edge.hello().join();
    await house.clock.settle();
    ann.cut();
    edge.node.command(bob.session, { type: "bye" });
    await house.clock.advance(40_000);
    expect(bob.closed).toBe("normal");
    expect(edge.node.size).toStrictEqual({ sessions: 0, rooms: 0, kept: 0 });
    expect(edge.ports.log.followed).toBe(0);
  });

  test("a client that comes back in time is away and back, and missed nothing", async () => {
    const house = new House();
    const edge = house.edge("east");
    const ann = edge.hello().join();
    await house.clock.settle();
    const bob = edge.hello().join();
    await house.clock.settle();
    const last = bob.place();
    bob.cut();
    await house.clock.settle();
    ann.say(1);
    await house.clock.advance(5_000);
    const again = edge.resume(bob, 2, last);
    await house.clock.settle();
    expect(again.said).toStrictEqual([1]);
    expect(again.of("resumed").map(({ verdict }) => verdict)).toStrictEqual(["complete"]);
    expect(ann.changes).toStrictEqual(["joined", "away", "back"]);
  });

  test("a client leaves and joins again over the same connection", async () => {
    const house = new House();
    const edge = house.edge("east");
    const ann = edge.hello().join();
    const bob = edge.hello().join();
    await house.clock.settle();
    for (let round = 0; round < 3; round += 1) {
      const n = (bob.of("joined").at(-1)?.mark ?? 0) + 1;
      edge.node.command(bob.session, { type: "leave", n, room: lobby });
      await house.clock.settle();
      bob.join();
      await house.clock.settle();
    }
    expect(bob.of("refused")).toStrictEqual([]);
    expect(bob.of("joined").map(({ mark }) => mark)).toStrictEqual([0, 1, 2, 3]);
    ann.say(1);
    await house.clock.settle();
    expect(bob.said).toStrictEqual([1]);
    expect(ann.changes).toStrictEqual(["joined", ...["left", "joined", "left", "joined", "left", "joined"]]);
  });

  test("a command sent again is applied once and answered again", async () => {
    const house = new House();
    const edge = house.edge("east");
    const ann = edge.hello().join();
    const bob = edge.hello().join();
    await house.clock.settle();
    bob.say(1);
    await house.clock.settle();
    bob.say(1);
    await house.clock.settle();
    expect(ann.said).toStrictEqual([1]);
    expect(bob.of("ack").map(({ n }) => n)).toStrictEqual([1, 1]);
  });
});

describe("several nodes", () => {
  test("members hear each other across nodes", async () => {
    const house = new House();
    const [east, west] = [house.edge("east"), house.edge("west")];
    const ann = east.hello().join();
    await house.clock.settle();
    const bob = west.hello().join();
    await house.clock.advance(100);
    expect(bob.of("joined")[0]?.view.members).toHaveLength(2);
    ann.say(1);
    bob.say(2);
    await house.clock.advance(100);
    expect(bob.said).toStrictEqual([1]);
    expect(ann.said).toStrictEqual([2]);
  });

  test("a node dies, and its client resumes on another with nothing lost or doubled", async () => {
    const house = new House();
    const [east, west] = [house.edge("east"), house.edge("west")];
    const ann = east.hello().join();
    await house.clock.settle();
    const bob = west.hello().join();
    await house.clock.advance(100);
    ann.say(1);
    await house.clock.advance(100);
    const last = bob.place();
    west.kill();
    ann.say(2);
    await house.clock.advance(1_000);
    const again = east.resume(bob, 2, last);
    await house.clock.advance(100);
    ann.say(3);
    await house.clock.advance(100);
    expect(bob.said.concat(again.said)).toStrictEqual([1, 2, 3]);
    expect(again.of("resumed")[0]?.verdict).toBe("complete");
    expect(ann.changes).toStrictEqual(["joined"]);
  });

  test("a client of a dead node that never comes back is away, then lost, once", async () => {
    const house = new House();
    const [east, west] = [house.edge("east"), house.edge("west")];
    const ann = east.hello().join();
    await house.clock.settle();
    west.hello().join();
    await house.clock.advance(3_000);
    west.kill();
    await house.clock.advance(8_500);
    expect(ann.changes).toStrictEqual(["joined", "away"]);
    await house.clock.advance(36_000);
    expect(ann.changes).toStrictEqual(["joined", "away", "left"]);
    expect(house.faults).toStrictEqual([]);
  });

  test("all hosts die, and a third node revives the room from its copy and the log", async () => {
    const house = new House();
    const [east, west] = [house.edge("east"), house.edge("west")];
    const ann = east.hello().join();
    await house.clock.settle();
    const bob = west.hello().join();
    await house.clock.advance(2_000);
    ann.say(1);
    await house.clock.settle();
    const last = bob.place();
    east.kill();
    west.kill();
    const south = house.edge("south");
    await house.clock.advance(500);
    const again = south.resume(bob, 2, last);
    const annAgain = south.resume(ann, 2, ann.place());
    await house.clock.advance(500);
    expect(bob.said.concat(again.said)).toStrictEqual([1]);
    expect(again.of("resumed")[0]?.verdict).toBe("complete");
    expect(annAgain.of("resumed")[0]?.verdict).toBe("complete");
    expect(annAgain.of("ack").at(-1)?.n ?? annAgain.of("resumed")[0]?.mark).toBe(1);
  });

  test("of two nodes that resume one session the newer attempt wins in every room", async () => {
    const house = new House();
    const [east, west, south] = [house.edge("east"), house.edge("west"), house.edge("south")];
    const ann = east.hello().join();
    await house.clock.settle();
    const place = ann.place();
    const newer = west.resume(ann, 3, place);
    const older = south.resume(ann, 2, place);
    await house.clock.advance(1_000);
    expect(newer.closed).toBeUndefined();
    expect(ann.closed).toBe("taken_over");
    expect(older.closed).toBe("taken_over");
    expect(newer.of("resumed")[0]?.verdict).toBe("complete");
  });

  test("a node whose silence was an error claims its members back", async () => {
    const house = new House();
    const [east, west] = [house.edge("east"), house.edge("west")];
    const ann = east.hello().join();
    await house.clock.settle();
    const bob = west.hello().join();
    await house.clock.advance(3_000);
    west.ports.link.cut();
    await house.clock.advance(10_000);
    expect(ann.changes).toStrictEqual(["joined", "away"]);
    west.ports.link.mend();
    await house.clock.advance(3_000);
    expect(ann.changes).toStrictEqual(["joined", "away", "back"]);
    ann.say(1);
    bob.say(2);
    await house.clock.advance(1_000);
    expect(bob.said).toStrictEqual([1]);
    expect(ann.said).toStrictEqual([2]);
    expect(bob.of("degraded").map(({ missing }) => missing)).toStrictEqual([["log"], []]);
  });

  test("commands wait for a log that is out of reach, and are told when it takes too long", async () => {
    const house = new House();
    const edge = house.edge("east");
    const ann = edge.hello().join();
    await house.clock.settle();
    edge.ports.link.cut();
    ann.say(1);
    ann.say(2);
    await house.clock.advance(9_000);
    expect(ann.of("refused")).toStrictEqual([]);
    await house.clock.advance(3_000);
    ann.say(3);
    await house.clock.settle();
    expect(ann.of("refused").map(({ reason, n }) => `${reason} ${n}`)).toStrictEqual([
      "unavailable 1",
      "unavailable 2",
      "unavailable 3",
    ]);
    edge.ports.link.mend();
    await house.clock.advance(1_000);
    ann.say(1);
    ann.say(2);
    ann.say(3);
    await house.clock.advance(1_000);
    expect(ann.of("ack").at(-1)?.n).toBe(3);
    const bob = edge.hello().join();
    await house.clock.settle();
    expect(bob.of("joined")[0]?.view.members[0]?.id).toBe(ann.self);
    expect(ann.of("refused")).toHaveLength(3);
  });

  test("a session that moved on without naming a room leaves nobody behind in it", async () => {
    const house = new House();
    const [east, west] = [house.edge("east"), house.edge("west")];
    const ann = east.hello().join();
    await house.clock.settle();
    const bob = west.hello().join();
    await house.clock.advance(100);
    const last = bob.place();
    bob.join(attic);
    await house.clock.advance(100);
    const moved = east.resume(bob, 2, last);
    await house.clock.advance(100);
    expect(bob.closed).toBe("taken_over");
    expect(moved.of("resumed")[0]?.verdict).toBe("complete");
    ann.join(attic);
    await house.clock.advance(40_000);
    const seen = ann.of("member").filter(({ room }) => room === attic);
    expect(seen.map(({ what }) => what.change)).toStrictEqual(["away", "left"]);
    expect(west.node.size).toStrictEqual({ sessions: 0, rooms: 0, kept: 0 });
  });

  test("the log is lost and begins again: members are told, and go on", async () => {
    const house = new House();
    const [east, west] = [house.edge("east"), house.edge("west")];
    const ann = east.hello().join();
    await house.clock.settle();
    const bob = west.hello().join();
    await house.clock.advance(1_000);
    for (let n = 1; n <= 5; n += 1) ann.say(n);
    await house.clock.advance(1_000);
    house.cluster.stream.rebirth();
    const last = bob.place();
    bob.say(1);
    await house.clock.advance(10_000);
    expect(ann.of("gap").map(({ gap }) => gap.reason)).toStrictEqual(["log_restarted"]);
    // What became of its word nobody can say: it comes back, is told of the gap, and says it again.
    expect(bob.closed).toBe("unavailable");
    const again = west.resume(bob, 2, last);
    await house.clock.advance(1_000);
    expect(again.of("resumed").map(({ verdict }) => verdict)).toStrictEqual(["gap"]);
    again.say(1);
    await house.clock.advance(1_000);
    ann.say(6);
    await house.clock.advance(5_000);
    expect(ann.said).toStrictEqual([1]);
    expect(again.said).toStrictEqual([6]);
    expect(ann.closed).toBeUndefined();
    expect(house.faults).toStrictEqual([]);
  });

  test("what is whispered to one member leaves the node only where that member is on another", async () => {
    const house = new House();
    const [east, west] = [house.edge("east"), house.edge("west")];
    const ann = east.hello().join();
    await house.clock.settle();
    const bob = east.hello().join();
    const cid = west.hello().join();
    await house.clock.advance(1_000);
    const sent = vi.spyOn(east.ports.whisper, "send");
    for (const to of [bob.self, cid.self, undefined]) {
      const addressee = to === undefined ? {} : { to };
      east.node.command(ann.session, {
        type: "volatile",
        room: lobby,
        ...addressee,
        body: { codec: "json", bytes: new Uint8Array([7]) },
      });
    }
    await house.clock.advance(1_000);
    expect(sent.mock.calls.map(([, , reach]) => reach)).toStrictEqual(["here", "everywhere", "everywhere"]);
    expect([bob, cid].map((each) => each.of("signal").length)).toStrictEqual([1, 1]);
    expect([bob, cid].map((each) => each.said)).toStrictEqual([[7], [7]]);
  });
});
