import type { Event, MemberId, NodeId, Realm, Resume, RoomName } from "@heliograph/protocol";
import { describe, expect, test, vi } from "vitest";
import type { Connection, Origin } from "./connection.ts";
import { newNodeId } from "./identity.ts";
import { MemoryCluster, type MemoryNode, MemoryTurnIssuer, SeededRandom, VirtualClock } from "./memory/mod.ts";
import { Node } from "./node.ts";
import type { Happening } from "./ports/observer.ts";
import type { Session } from "./session.ts";
import { defaultSettings } from "./settings.ts";
import { Tokens } from "./token.ts";

const realm = "default" as Realm;
const lobby = "lobby" as RoomName;
const text = new TextEncoder();
const body = (value: unknown) => ({ codec: "json" as const, bytes: text.encode(JSON.stringify(value)) });
const spoken = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

/** Several nodes in one process, on one clock. */
class House {
  readonly random = new SeededRandom(7);
  readonly clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  readonly cluster = new MemoryCluster({ clock: this.clock, random: this.random });
  readonly faults: Happening[] = [];
  readonly tokens = new Tokens([{ id: "k1", secret: new Uint8Array(32).fill(7) }], 86_400_000);

  node(): Edge {
    const id = newNodeId(this.random);
    return new Edge(this, id, this.cluster.node(id));
  }
}

class Edge {
  readonly node: Node;
  readonly ports: MemoryNode;
  readonly house: House;

  constructor(house: House, id: NodeId, ports: MemoryNode) {
    this.house = house;
    this.ports = ports;
    this.node = new Node({
      ...ports,
      id,
      settings: defaultSettings,
      rules: { version: 1, logLife: defaultSettings.logLife },
      tokens: house.tokens,
      turn: new MemoryTurnIssuer(house.clock),
      clock: house.clock,
      random: house.random,
      observer: {
        observe: (happening) => {
          if (happening.type === "fault" || happening.type === "digest_alarm") house.faults.push(happening);
        },
      },
    });
  }

  client(attempt = 1, address = "10.0.0.1"): Client {
    return new Client(this, attempt, address);
  }

  kill(): void {
    this.node.end();
    this.ports.kill();
  }
}

const origin = (address: string): Origin => ({ realm, dialect: "test", grace: 30_000, address });

class Client implements Connection {
  readonly heard: Event[] = [];
  readonly edge: Edge;
  closed: string | undefined;
  #session: Session | undefined;
  readonly #address: string;
  readonly #attempt: number;
  #n = 0;

  constructor(edge: Edge, attempt: number, address: string) {
    this.edge = edge;
    this.#attempt = attempt;
    this.#address = address;
  }

  get session(): Session {
    if (this.#session === undefined) throw new Error("not open");
    return this.#session;
  }

  get member(): MemberId {
    return this.session.id as string as MemberId;
  }

  get token(): string {
    const welcome = this.heard.find((event) => event.type === "welcome");
    return welcome?.type === "welcome" ? welcome.token : "";
  }

  deliver(event: Event): void {
    if (this.closed === undefined) this.heard.push(event);
  }

  close(why: string): void {
    if (this.closed !== undefined) return;
    this.closed = why;
    // As the door does: the socket's end is reported afterwards.
    this.edge.house.clock.endOfTurn(() => this.cut());
  }

  hello(): this {
    const opened = this.edge.node.open(this, { type: "hello", attempt: this.#attempt }, origin(this.#address));
    if (opened.ok) this.#session = opened.value;
    return this;
  }

  resume(token: string, rooms: Resume["rooms"]): this {
    const opened = this.edge.node.open(
      this,
      { type: "resume", attempt: this.#attempt, token, rooms },
      origin(this.#address),
    );
    if (opened.ok) this.#session = opened.value;
    return this;
  }

  join(room: RoomName = lobby, pin?: string): this {
    this.edge.node.command(this.session, {
      type: "join",
      n: 1,
      room,
      profile: { name: this.member.slice(0, 3) },
      ...(pin === undefined ? {} : { pin }),
    });
    return this;
  }

  say(value: unknown, n?: number): this {
    this.#n = n ?? this.#n + 1;
    this.edge.node.command(this.session, { type: "broadcast", n: this.#n, room: lobby, body: body(value) });
    return this;
  }

  signal(to: MemberId, value: unknown): this {
    this.#n += 1;
    this.edge.node.command(this.session, { type: "signal", n: this.#n, room: lobby, to, body: body(value) });
    return this;
  }

  cut(): void {
    if (this.#session !== undefined) this.edge.node.lost(this.#session, this);
  }

  of<T extends Event["type"]>(type: T): Extract<Event, { type: T }>[] {
    return this.heard.filter((event): event is Extract<Event, { type: T }> => event.type === type);
  }

  get lines(): unknown[] {
    return this.heard.flatMap((event) => (event.type === "broadcast" ? [spoken(event.body.bytes)] : []));
  }

  get last() {
    const positions = this.heard.flatMap((event) => ("position" in event && event.position ? [event.position] : []));
    const last = positions.at(-1);
    if (last === undefined) throw new Error("nothing heard");
    return last;
  }
}

describe("one node", () => {
  test("two clients meet, talk, and are answered", async () => {
    const house = new House();
    const edge = house.node();
    const ann = edge.client().hello().join();
    await house.clock.settle();
    const bob = edge.client().hello().join();
    await house.clock.settle();
    expect(ann.of("joined")).toHaveLength(1);
    expect(bob.of("joined")[0]?.view.members.map((member) => member.role)).toStrictEqual(["moderator", "participant"]);
    expect(ann.of("member").map(({ what }) => what.change)).toStrictEqual(["joined"]);
    bob.say("hello").signal(ann.member, { kind: "custom", value: 1 });
    await house.clock.settle();
    expect(ann.lines).toStrictEqual(["hello"]);
    expect(ann.of("signal")).toHaveLength(1);
    expect(bob.of("ack").map(({ n }) => n)).toStrictEqual([1, 2]);
    expect(bob.lines).toStrictEqual([]);
  });

  test("everything returns to zero when everybody has left", async () => {
    const house = new House();
    const edge = house.node();
    const ann = edge.client().hello().join();
    const bob = edge.client().hello().join();
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
    const edge = house.node();
    const ann = edge.client().hello().join();
    await house.clock.settle();
    const bob = edge.client().hello().join();
    await house.clock.settle();
    const { last } = bob;
    bob.cut();
    await house.clock.settle();
    ann.say("while away");
    await house.clock.advance(5_000);
    const again = edge.client(2).resume(bob.token, [{ room: lobby, position: last }]);
    await house.clock.settle();
    expect(again.lines).toStrictEqual(["while away"]);
    expect(again.of("resumed").map(({ verdict }) => verdict)).toStrictEqual(["complete"]);
    expect(ann.of("member").map(({ what }) => what.change)).toStrictEqual(["joined", "away", "back"]);
  });

  test("a client leaves and joins again over the same connection", async () => {
    const house = new House();
    const edge = house.node();
    const ann = edge.client().hello().join();
    const bob = edge.client().hello().join();
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
    ann.say("hello again");
    await house.clock.settle();
    expect(bob.lines).toStrictEqual(["hello again"]);
    expect(ann.of("member").map(({ what }) => what.change)).toStrictEqual([
      "joined",
      ...["left", "joined", "left", "joined", "left", "joined"],
    ]);
  });

  test("a command sent again is applied once and answered again", async () => {
    const house = new House();
    const edge = house.node();
    const ann = edge.client().hello().join();
    const bob = edge.client().hello().join();
    await house.clock.settle();
    bob.say("once", 1);
    await house.clock.settle();
    bob.say("once", 1);
    await house.clock.settle();
    expect(ann.lines).toStrictEqual(["once"]);
    expect(bob.of("ack").map(({ n }) => n)).toStrictEqual([1, 1]);
  });
});

describe("several nodes", () => {
  test("members hear each other across nodes", async () => {
    const house = new House();
    const [east, west] = [house.node(), house.node()];
    const ann = east.client().hello().join();
    await house.clock.settle();
    const bob = west.client().hello().join();
    await house.clock.advance(100);
    expect(bob.of("joined")[0]?.view.members).toHaveLength(2);
    ann.say("one");
    bob.say("two");
    await house.clock.advance(100);
    expect(bob.lines).toStrictEqual(["one"]);
    expect(ann.lines).toStrictEqual(["two"]);
  });

  test("a node dies, and its client resumes on another with nothing lost or doubled", async () => {
    const house = new House();
    const [east, west] = [house.node(), house.node()];
    const ann = east.client().hello().join();
    await house.clock.settle();
    const bob = west.client().hello().join();
    await house.clock.advance(100);
    ann.say("before");
    await house.clock.advance(100);
    const { last } = bob;
    west.kill();
    ann.say("between");
    await house.clock.advance(1_000);
    const again = east.client(2).resume(bob.token, [{ room: lobby, position: last }]);
    await house.clock.advance(100);
    ann.say("after");
    await house.clock.advance(100);
    expect(bob.lines.concat(again.lines)).toStrictEqual(["before", "between", "after"]);
    expect(again.of("resumed")[0]?.verdict).toBe("complete");
    expect(ann.of("member").map(({ what }) => what.change)).toStrictEqual(["joined"]);
  });

  test("a client of a dead node that never comes back is away, then lost, once", async () => {
    const house = new House();
    const [east, west] = [house.node(), house.node()];
    const ann = east.client().hello().join();
    await house.clock.settle();
    west.client().hello().join();
    await house.clock.advance(3_000);
    west.kill();
    await house.clock.advance(8_500);
    expect(ann.of("member").map(({ what }) => what.change)).toStrictEqual(["joined", "away"]);
    await house.clock.advance(36_000);
    expect(ann.of("member").map(({ what }) => what.change)).toStrictEqual(["joined", "away", "left"]);
    expect(house.faults).toStrictEqual([]);
  });

  test("all hosts die, and a third node revives the room from its copy and the log", async () => {
    const house = new House();
    const [east, west] = [house.node(), house.node()];
    const ann = east.client().hello().join();
    await house.clock.settle();
    const bob = west.client().hello().join();
    await house.clock.advance(2_000);
    ann.say("last words");
    await house.clock.settle();
    const { last } = bob;
    east.kill();
    west.kill();
    const south = house.node();
    await house.clock.advance(500);
    const again = south.client(2).resume(bob.token, [{ room: lobby, position: last }]);
    const annAgain = south.client(2).resume(ann.token, [{ room: lobby, position: ann.last }]);
    await house.clock.advance(500);
    expect(bob.lines.concat(again.lines)).toStrictEqual(["last words"]);
    expect(again.of("resumed")[0]?.verdict).toBe("complete");
    expect(annAgain.of("resumed")[0]?.verdict).toBe("complete");
    expect(annAgain.of("ack").at(-1)?.n ?? annAgain.of("resumed")[0]?.mark).toBe(1);
  });

  test("of two nodes that resume one session the newer attempt wins in every room", async () => {
    const house = new House();
    const [east, west, south] = [house.node(), house.node(), house.node()];
    const ann = east.client().hello().join();
    await house.clock.settle();
    const place = [{ room: lobby, position: ann.last }];
    const newer = west.client(3).resume(ann.token, place);
    const older = south.client(2).resume(ann.token, place);
    await house.clock.advance(1_000);
    expect(newer.closed).toBeUndefined();
    expect(ann.closed).toBe("taken_over");
    expect(older.closed).toBe("taken_over");
    expect(newer.of("resumed")[0]?.verdict).toBe("complete");
    expect(house.cluster.stream).toBeDefined();
  });

  test("a node whose silence was an error claims its members back", async () => {
    const house = new House();
    const [east, west] = [house.node(), house.node()];
    const ann = east.client().hello().join();
    await house.clock.settle();
    const bob = west.client().hello().join();
    await house.clock.advance(3_000);
    west.ports.link.cut();
    await house.clock.advance(10_000);
    expect(ann.of("member").map(({ what }) => what.change)).toStrictEqual(["joined", "away"]);
    west.ports.link.mend();
    await house.clock.advance(3_000);
    expect(ann.of("member").map(({ what }) => what.change)).toStrictEqual(["joined", "away", "back"]);
    ann.say("still there?");
    bob.say("yes");
    await house.clock.advance(1_000);
    expect(bob.lines).toStrictEqual(["still there?"]);
    expect(ann.lines).toStrictEqual(["yes"]);
    expect(bob.of("degraded").map(({ missing }) => missing)).toStrictEqual([["log"], []]);
  });

  test("commands wait for a log that is out of reach, and are told when it takes too long", async () => {
    const house = new House();
    const edge = house.node();
    const ann = edge.client().hello().join();
    await house.clock.settle();
    edge.ports.link.cut();
    ann.say("first", 1);
    ann.say("second", 2);
    await house.clock.advance(9_000);
    expect(ann.of("refused")).toStrictEqual([]);
    await house.clock.advance(3_000);
    ann.say("third", 3);
    await house.clock.settle();
    expect(ann.of("refused").map(({ reason, n }) => `${reason} ${n}`)).toStrictEqual([
      "unavailable 1",
      "unavailable 2",
      "unavailable 3",
    ]);
    edge.ports.link.mend();
    await house.clock.advance(1_000);
    ann.say("first", 1);
    ann.say("second", 2);
    ann.say("third", 3);
    await house.clock.advance(1_000);
    expect(ann.of("ack").at(-1)?.n).toBe(3);
    const bob = edge.client().hello().join();
    await house.clock.settle();
    expect(bob.of("joined")[0]?.view.members[0]?.id).toBe(ann.member);
    expect(ann.of("refused")).toHaveLength(3);
  });

  test("a session that moved on without naming a room leaves nobody behind in it", async () => {
    const house = new House();
    const [east, west] = [house.node(), house.node()];
    const ann = east.client().hello().join();
    await house.clock.settle();
    const attic = "attic" as RoomName;
    const bob = west.client().hello().join();
    await house.clock.advance(100);
    const { last } = bob;
    bob.join(attic);
    await house.clock.advance(100);
    const moved = east.client(2).resume(bob.token, [{ room: lobby, position: last }]);
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
    const [east, west] = [house.node(), house.node()];
    const ann = east.client().hello().join();
    await house.clock.settle();
    const bob = west.client().hello().join();
    await house.clock.advance(1_000);
    for (let i = 0; i < 5; i += 1) ann.say(i);
    await house.clock.advance(1_000);
    house.cluster.stream.rebirth();
    const { last } = bob;
    bob.say("first in the new log");
    await house.clock.advance(10_000);
    expect(ann.of("gap").map(({ gap }) => gap.reason)).toStrictEqual(["log_restarted"]);
    // What became of its word nobody can say: it comes back, is told of the gap, and says it again.
    expect(bob.closed).toBe("unavailable");
    const again = west.client(2).resume(bob.token, [{ room: lobby, position: last }]);
    await house.clock.advance(1_000);
    expect(again.of("resumed").map(({ verdict }) => verdict)).toStrictEqual(["gap"]);
    again.say("first in the new log", 1);
    await house.clock.advance(1_000);
    ann.say("and on");
    await house.clock.advance(5_000);
    expect(ann.lines).toStrictEqual(["first in the new log"]);
    expect(again.lines).toStrictEqual(["and on"]);
    expect(ann.closed).toBeUndefined();
    expect(house.faults).toStrictEqual([]);
  });

  test("what is whispered to one member leaves the node only where that member is on another", async () => {
    const house = new House();
    const [east, west] = [house.node(), house.node()];
    const ann = east.client().hello().join();
    await house.clock.settle();
    const bob = east.client().hello().join();
    const cid = west.client().hello().join();
    await house.clock.advance(1_000);
    const sent = vi.spyOn(east.ports.whisper, "send");
    for (const to of [bob.member, cid.member, undefined]) {
      const addressee = to === undefined ? {} : { to };
      east.node.command(ann.session, { type: "volatile", room: lobby, ...addressee, body: body("psst") });
    }
    await house.clock.advance(1_000);
    expect(sent.mock.calls.map(([, , reach]) => reach)).toStrictEqual(["here", "everywhere", "everywhere"]);
    expect([bob, cid].map((each) => each.of("signal").length)).toStrictEqual([1, 1]);
    expect([bob, cid].map((each) => each.lines)).toStrictEqual([["psst"], ["psst"]]);
  });
});
