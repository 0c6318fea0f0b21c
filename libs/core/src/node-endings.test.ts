import type { Close, Event, NodeId, Realm, RoomName } from "@heliograph/protocol";
import { describe, expect, test } from "vitest";
import type { Connection, Origin } from "./connection.ts";
import { MemoryCluster, MemoryTurnIssuer, SeededRandom, VirtualClock } from "./memory/mod.ts";
import { Node } from "./node.ts";
import type { Happening } from "./ports/observer.ts";
import type { Session } from "./session.ts";
import { defaultSettings } from "./settings.ts";
import { Signer } from "./signer.ts";
import { Tokens } from "./token.ts";

const rooms = ["attic", "lobby"] as const as readonly string[] as readonly RoomName[];
const origin: Origin = { realm: "default" as Realm, dialect: "test", grace: 30_000, address: "10.0.0.1" };

/** Nodes of one cluster whose doors report the end of a connection within `close`, as sockets do. */
class House {
  readonly clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  readonly random = new SeededRandom(11);
  readonly cluster = new MemoryCluster({ clock: this.clock, random: this.random });
  readonly happenings: Happening[] = [];
  readonly tokens = new Tokens(new Signer([{ id: "k1", secret: new Uint8Array(32).fill(7) }]), 86_400_000);

  node(name: string): Node {
    const id = name as NodeId;
    return new Node({
      ...this.cluster.node(id),
      id,
      settings: defaultSettings,
      rules: { version: 1, logLife: defaultSettings.logLife },
      tokens: this.tokens,
      turn: new MemoryTurnIssuer(this.clock),
      clock: this.clock,
      random: this.random,
      observer: { observe: (happening) => this.happenings.push(happening) },
    });
  }

  of(type: Happening["type"]): number {
    return this.happenings.filter((happening) => happening.type === type).length;
  }
}

class Client implements Connection {
  readonly heard: Event[] = [];
  closed: Close | undefined;
  session: Session | undefined;
  readonly #node: Node;

  constructor(node: Node) {
    this.#node = node;
  }

  deliver(event: Event): void {
    if (this.closed === undefined) this.heard.push(event);
  }

  close(why: Close): void {
    if (this.closed !== undefined) return;
    this.closed = why;
    if (this.session !== undefined) this.#node.lost(this.session, this);
  }

  hello(): this {
    const opened = this.#node.open(this, { type: "hello", attempt: 1 }, origin);
    if (opened.ok) this.session = opened.value;
    return this;
  }

  join(...names: readonly RoomName[]): this {
    names.forEach((room, index) => {
      if (this.session !== undefined)
        this.#node.command(this.session, { type: "join", n: index + 1, room, profile: {} });
    });
    return this;
  }

  /** As a door does: whoever was closed while it opened is lost as soon as its session is known. */
  resume(token: string, attempt: number, positions: Parameters<typeof placesOf>[0]): this {
    const opened = this.#node.open(this, { type: "resume", attempt, token, rooms: placesOf(positions) }, origin);
    if (opened.ok) this.session = opened.value;
    if (opened.ok && this.closed !== undefined) this.#node.lost(opened.value, this);
    return this;
  }

  get token(): string {
    for (const event of this.heard) if (event.type === "welcome") return event.token;
    return "";
  }

  get goneAway(): number {
    return this.heard.filter(({ type }) => type === "goaway").length;
  }
}

function placesOf(heard: readonly Event[]) {
  return heard.flatMap((event) => (event.type === "joined" ? [{ room: event.room, position: event.position }] : []));
}

describe("a client that asks too much", () => {
  test("is closed although its allowance lets a command through now and then", async () => {
    const house = new House();
    const ann = new Client(house.node("east")).hello();
    const { session } = ann;
    const node = house.node("west");
    if (session === undefined) throw new Error("not open");
    let sent = 0;
    // Three times what it may, evenly: one of three passes.
    while (ann.closed === undefined && sent < 10_000) {
      await house.clock.advance(2);
      for (let i = 0; i < 3; i += 1) {
        sent += 1;
        node.command(session, { type: "ping", n: sent });
      }
    }
    expect(ann.closed).toBe("flood");
  });

  test("is forgiven once it keeps to what it may", async () => {
    const house = new House();
    const node = house.node("east");
    const ann = new Client(node).hello();
    const { session } = ann;
    if (session === undefined) throw new Error("not open");
    for (let spell = 0; spell < 5; spell += 1) {
      for (let n = 1; n <= 1_400; n += 1) node.command(session, { type: "ping", n });
      await house.clock.advance(2_000);
    }
    expect(ann.heard.some((event) => event.type === "refused" && event.reason === "slow_down")).toBe(true);
    expect(ann.closed).toBeUndefined();
  });
});

describe("a drain", () => {
  test("asks clients to go at its pace, and whoever has gone is skipped", async () => {
    const house = new House();
    const node = house.node("east");
    const clients = Array.from({ length: 10 }, () => new Client(node).hello());
    node.drain({ perSecond: 4, retryIn: 250 });
    const asked = () => clients.filter(({ goneAway }) => goneAway > 0).length;
    expect(asked()).toBe(1);
    await house.clock.advance(750);
    expect(asked()).toBe(4);
    clients.slice(4, 9).forEach((client) => {
      client.close("goaway");
    });
    await house.clock.advance(250);
    expect(clients[9]?.heard.at(-1)).toStrictEqual({ type: "goaway", retryIn: 250 });
    expect(clients.every(({ goneAway }) => goneAway <= 1)).toBe(true);
  });

  test("asks hundreds a second a few at a time", async () => {
    const house = new House();
    const node = house.node("east");
    const clients = Array.from({ length: 1_000 }, () => new Client(node).hello());
    node.drain({ perSecond: 1_000, retryIn: 0 });
    await house.clock.advance(499);
    expect(clients.filter(({ goneAway }) => goneAway === 1)).toHaveLength(500);
  });

  test("leaves no timer behind when the node ends in the middle of it", async () => {
    const house = new House();
    const node = house.node("east");
    const before = house.clock.timers;
    for (let i = 0; i < 100; i += 1) new Client(node).hello();
    node.drain({ perSecond: 1, retryIn: 0 });
    await house.clock.advance(1_500);
    // One for the drain, one for the directory of sessions.
    expect(house.clock.timers).toBeLessThanOrEqual(before + 2);
    node.end();
    expect(house.clock.timers).toBe(0);
  });
});

test("a node that ends in the middle of everything leaves no timer behind", async () => {
  const house = new House();
  const node = house.node("east");
  new Client(node).hello().join(...rooms);
  await house.clock.advance(3_000);
  const ann = new Client(node).hello().join(...rooms);
  ann.close("idle");
  node.end();
  await house.clock.settle();
  // The log is no part of the node, and sweeps by itself.
  expect(house.clock.timers).toBe(1);
});

test("a resume that learns in its first room that a newer connection speaks goes into none of the others", async () => {
  const house = new House();
  const [east, west] = [house.node("east"), house.node("west")];
  const ann = new Client(east).hello().join(...rooms);
  new Client(west).hello().join(...rooms);
  await house.clock.advance(1_000);
  const newer = new Client(west).resume(ann.token, 3, ann.heard);
  await house.clock.advance(1_000);
  expect(newer.closed).toBeUndefined();
  // It names the first room only.
  const first = ann.heard.filter((event) => event.type === "joined" && event.room === rooms[0]);
  const moved = new Client(east).resume(newer.token, 5, first);
  await house.clock.advance(1_000);
  expect([newer.closed, moved.closed]).toStrictEqual(["taken_over", undefined]);
  const late = new Client(west).resume(ann.token, 4, ann.heard);
  expect(late.closed).toBe("taken_over");
  // What is left of the connection before it is on its way to `away`; nothing of the late one is.
  expect(late.session?.stays.map(({ room, epoch }) => [room, epoch.attempt])).toStrictEqual([[rooms[1], 3]]);
  expect(moved.closed).toBeUndefined();
});

test("a node that is not heard is reported once, and again when it was heard in between", async () => {
  const house = new House();
  const [east, west] = [house.node("east"), house.node("west")];
  new Client(east).hello().join(...rooms);
  await house.clock.settle();
  const bob = new Client(west).hello().join(...rooms);
  await house.clock.advance(10_000);
  expect(house.of("node_silent")).toBe(0);
  west.end();
  await house.clock.advance(30_000);
  expect(house.happenings.filter(({ type }) => type === "node_silent")).toStrictEqual([
    { type: "node_silent", node: "west" },
  ]);
  expect(bob.closed).toBeUndefined();
});
