// Who is given which ICE servers when: on a virtual clock, with a scripted issuer, through whole nodes.
import type { Event, IceGrant, IceWish, NodeId, Position, Realm, RoomName, SessionId } from "@heliograph/protocol";
import { describe, expect, test } from "vitest";
import type { Connection, Origin } from "./connection.ts";
import { IceDesk } from "./ice-desk.ts";
import { newSessionId } from "./identity.ts";
import { MemoryCluster, MemoryTurnIssuer, type ScriptedIce, SeededRandom, VirtualClock } from "./memory/mod.ts";
import { Node } from "./node.ts";
import type { Happening } from "./ports/observer.ts";
import type { IceAsker, IceIssued, IceOccasion } from "./ports/turn-issuer.ts";
import { Session } from "./session.ts";
import { defaultSettings } from "./settings.ts";
import { Signer } from "./signer.ts";
import { Tokens } from "./token.ts";
import type { World } from "./world.ts";

const realm = "default" as Realm;
const lobby = "lobby" as RoomName;
const stun = { urls: ["stun:stun.example"] };

/** Credentials told apart by their password. */
function login(credential: string, more: Partial<ScriptedIce> = {}): ScriptedIce {
  const turn = { urls: ["turn:turn.example:3478?transport=udp"], username: "u", credential };
  return { iceServers: [turn, stun], ttl: 3600, expiry: "hard", shared: true, ...more };
}

const ownLogin = (credential: string): ScriptedIce => login(credential, { shared: false, expiry: "admission" });

class House {
  readonly random = new SeededRandom(11);
  readonly clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  readonly cluster = new MemoryCluster({ clock: this.clock, random: this.random });
  readonly tokens = new Tokens(new Signer([{ id: "k1", secret: new Uint8Array(32).fill(7) }]), 86_400_000);
  readonly turn: MemoryTurnIssuer;
  readonly happened: Happening[] = [];

  constructor(turn = (clock: VirtualClock) => new MemoryTurnIssuer(clock, [stun])) {
    this.turn = turn(this.clock);
    this.turn.questions = [];
  }

  node(name: string): Node {
    return new Node(this.world(name));
  }

  world(name: string): World {
    const id = name.padEnd(22, "-") as NodeId;
    return {
      ...this.cluster.node(id),
      id,
      settings: defaultSettings,
      rules: { version: 1, logLife: defaultSettings.logLife },
      tokens: this.tokens,
      turn: this.turn,
      clock: this.clock,
      random: this.random,
      observer: { observe: (happening) => this.happened.push(happening) },
    };
  }

  of<Type extends Happening["type"]>(type: Type): Extract<Happening, { type: Type }>[] {
    return this.happened.filter(
      (happening): happening is Extract<Happening, { type: Type }> => happening.type === type,
    );
  }

  asked(occasion: IceOccasion): number {
    return this.turn.questions?.filter((question) => question.occasion === occasion).length ?? 0;
  }
}

class Client implements Connection {
  readonly heard: { readonly event: Event; readonly at: number }[] = [];
  readonly node: Node;
  readonly clock: VirtualClock;
  slow = false;
  /** Whether the end of its socket is ever noticed. */
  halfOpen = false;
  #session: Session | undefined;
  #n = 0;

  constructor(house: House, node: Node) {
    this.node = node;
    this.clock = house.clock;
  }

  deliver(event: Event): void {
    this.heard.push({ event, at: this.clock.now() });
  }

  close(): void {
    if (!this.halfOpen) this.clock.endOfTurn(() => this.cut());
  }

  hello(more: { iceWish?: IceWish; user?: string; address?: string } = {}): this {
    const { iceWish } = more;
    const hello = { type: "hello" as const, attempt: 1, ...(iceWish === undefined ? {} : { iceWish }) };
    const opened = this.node.open(this, hello, originOf(more));
    if (opened.ok) this.#session = opened.value;
    return this;
  }

  resume(token: string, rooms: readonly { room: RoomName; position: Position }[] = [], attempt = 2): this {
    const opened = this.node.open(this, { type: "resume", attempt, token, rooms }, originOf({}));
    if (opened.ok) this.#session = opened.value;
    return this;
  }

  join(): this {
    this.node.command(this.session, { type: "join", n: 1, room: lobby, profile: {} });
    return this;
  }

  /** What it is answered, at once. */
  ask(wish?: IceWish): IceGrant {
    this.#n += 1;
    this.node.command(this.session, { type: "ice", n: this.#n, ...(wish === undefined ? {} : { wish }) });
    const last = this.heard.at(-1)?.event;
    if (last?.type !== "ice" || last.n !== this.#n) throw new Error("not answered at once");
    return last.ice;
  }

  cut(): void {
    this.node.lost(this.session, this);
  }

  get session(): Session {
    if (this.#session === undefined) throw new Error("not open");
    return this.#session;
  }

  get welcome(): Extract<Event, { type: "welcome" }> {
    for (const { event } of this.heard) if (event.type === "welcome") return event;
    throw new Error("not welcomed");
  }

  get place(): Position {
    for (const { event } of this.heard) if (event.type === "joined") return event.position;
    throw new Error("not joined");
  }

  get pushes(): { readonly ice: IceGrant; readonly at: number }[] {
    return this.heard.flatMap(({ event, at }) =>
      event.type === "ice" && event.n === undefined ? [{ ice: event.ice, at }] : [],
    );
  }

  get credentials(): (string | undefined)[] {
    return this.pushes.map(({ ice }) => credentialOf(ice));
  }
}

function originOf({ user, address = "10.0.0.1" }: { user?: string; address?: string }): Origin {
  return { realm, dialect: "test", grace: 30_000, address, ...(user === undefined ? {} : { user }) };
}

function credentialOf({ iceServers }: IceGrant): string | undefined {
  return iceServers.find(({ credential }) => credential !== undefined)?.credential;
}

function only<T>(list: readonly T[]): T {
  const [first] = list;
  if (list.length !== 1 || first === undefined) throw new Error(`${list.length} in place of one`);
  return first;
}

describe("what nears its end is renewed", () => {
  test.for([true, false])(
    "[turn 27] exactly one push comes when 70 to 80 % of the life have passed (everybody's: %s)",
    async (shared) => {
      const house = new House();
      house.turn.serve({ ...login("one"), shared });
      const ann = new Client(house, house.node("east")).hello();
      const from = house.clock.now();
      await house.clock.advance(1_000_000);
      if (shared) house.turn.serve(login("two"));
      else house.turn.serve(ownLogin("two"));
      await house.clock.advance(0.7 * 3_600_000 - 1_000_000 - 1);
      expect(ann.pushes).toEqual([]);
      await house.clock.advance(0.1 * 3_600_000 + 1_001);
      const { at, ice } = only(ann.pushes);
      expect(at - from).toBeGreaterThanOrEqual(0.7 * 3_600_000);
      expect(at - from).toBeLessThanOrEqual(0.8 * 3_600_000 + 1_000);
      expect(credentialOf(ice)).toBe("two");
      expect(house.of("ice_pushed").map(({ lag }) => lag)).toEqual([0]);
    },
  );

  test("[turn 27] of 10,000 sessions granted at once, no second holds more than 2 % of the pushes", async () => {
    const house = new House();
    house.turn.serve(ownLogin("one"));
    const bySecond = new Map<number, number>();
    const connection: Connection = {
      deliver: () => {
        const second = Math.floor(house.clock.now() / 1_000);
        bySecond.set(second, (bySecond.get(second) ?? 0) + 1);
      },
      close: () => undefined,
    };
    // Without the rest of a node, whose records of sessions would cost this test nine tenths of its time.
    const sessions = new Map<SessionId, Session>();
    const world = house.world("east");
    const desk = new IceDesk(world, sessions);
    const timers = house.clock.timers;
    for (let i = 0; i < 10_000; i += 1) {
      const epoch = { attempt: 1, bump: 0, node: world.id };
      const origin = originOf({ address: `a${i}` });
      const session = new Session(newSessionId(house.random), origin, undefined, connection, epoch, 1, 0);
      sessions.set(session.id, session);
      desk.give(session, "greeting");
    }
    expect(house.clock.timers - timers).toBe(1);
    await house.clock.advance(0.7 * 3_600_000 - 1);
    expect(bySecond.size).toBe(0);
    await house.clock.advance(0.1 * 3_600_000 + 1_001);
    const counts = [...bySecond.values()];
    expect(counts.reduce((a, b) => a + b, 0)).toBe(10_000);
    expect(Math.max(...counts)).toBeLessThanOrEqual(200);
    expect(desk.size).toBe(10_000);
    for (const session of sessions.values()) desk.rest(session);
    expect(desk.size).toBe(0);
    expect(house.clock.timers).toBe(timers);
    desk.end();
  });

  test("a life of seconds is not renewed sooner than 30 s after the last grant", async () => {
    const house = new House();
    house.turn.serve({ ...ownLogin("one"), ttl: 20 });
    const ann = new Client(house, house.node("east")).hello();
    await house.clock.advance(29_999);
    expect(ann.pushes).toHaveLength(0);
    await house.clock.advance(1_001);
    expect(ann.pushes).toHaveLength(1);
  });

  test("whoever asked meanwhile is pushed to by what it was answered last", async () => {
    const house = new House();
    house.turn.serve(ownLogin("one"));
    const ann = new Client(house, house.node("east")).hello();
    await house.clock.advance(2_000_000);
    ann.ask();
    await house.clock.advance(0.7 * 3_600_000 - 1);
    expect(ann.pushes).toHaveLength(0);
    await house.clock.advance(0.1 * 3_600_000 + 1_001);
    expect(ann.pushes).toHaveLength(1);
  });

  test("what does not end is never pushed, and nothing is kept for it", async () => {
    const house = new House();
    const ann = new Client(house, house.node("east")).hello();
    await house.clock.settle();
    expect(ann.session.ice).toBeUndefined();
    house.turn.serve(login("fixed", { ttl: 0, expiry: "never" }));
    const bob = new Client(house, house.node("west")).hello();
    expect(bob.session.ice).toBeUndefined();
    await house.clock.advance(10_000_000);
    expect([...ann.pushes, ...bob.pushes]).toEqual([]);
  });

  test("the same credentials are not sent again: they are looked at every 30 s, and STUN alone is told in the last minute", async () => {
    const house = new House();
    house.turn.serve(login("one"));
    const ann = new Client(house, house.node("east")).hello();
    const from = house.clock.now();
    await house.clock.advance(1_800_000);
    house.turn.fail();
    await house.clock.advance(3_539_000 - 1_800_000);
    expect(ann.pushes).toEqual([]);
    // Not asked for as long as there is no news.
    expect(house.asked("push")).toBe(0);
    await house.clock.advance(31_000);
    const { at, ice } = only(ann.pushes);
    expect(at - from).toBeGreaterThanOrEqual(3_540_000);
    expect(at - from).toBeLessThanOrEqual(3_571_000);
    expect(ice).toEqual({ iceServers: [stun], ttl: 60, expiry: "never", degraded: true });
    await house.clock.advance(600_000);
    expect(ann.pushes).toHaveLength(1);
    house.turn.serve(login("two"));
    await house.clock.advance(5_000);
    expect(ann.credentials).toEqual([undefined, "two"]);
  });

  test("other credentials that come late are sent within 30 s", async () => {
    const house = new House();
    house.turn.serve(login("one"));
    const ann = new Client(house, house.node("east")).hello();
    await house.clock.advance(3_300_000);
    expect(ann.pushes).toEqual([]);
    house.turn.serve(login("two"));
    await house.clock.advance(31_000);
    expect(ann.credentials).toEqual(["two"]);
  });

  test("who is barred meanwhile keeps what it has until its last minute, is told STUN then, and waits for nothing", async () => {
    const house = new House((clock) => new ProvenOnly(clock, [stun]));
    house.turn.serve(ownLogin("one"));
    const node = house.node("east");
    const ann = new Client(house, node).hello({ user: "ann" });
    if (house.turn instanceof ProvenOnly) house.turn.barred = true;
    await house.clock.advance(3_539_000);
    expect(ann.pushes).toEqual([]);
    await house.clock.advance(61_000);
    expect(only(ann.pushes).ice).toMatchObject({ degraded: true });
    expect(node.waitingForTurn).toBe(0);
    await house.clock.advance(10_000_000);
    expect(ann.pushes).toHaveLength(1);
  });

  test("a slow reader goes without a push while what it has lasts", async () => {
    const house = new House();
    house.turn.serve(ownLogin("one"));
    const ann = new Client(house, house.node("east")).hello();
    ann.slow = true;
    await house.clock.advance(3_000_000);
    expect(ann.pushes).toHaveLength(0);
    ann.slow = false;
    await house.clock.advance(31_000);
    expect(ann.pushes).toHaveLength(1);
  });
});

describe("sessions that were given STUN only", () => {
  test("[turn 24] each that is still there gets exactly one push within 5 s of the recovery, and nothing is kept for one that left", async () => {
    const house = new House();
    house.turn.lose();
    const node = house.node("east");
    const clients = Array.from({ length: 200 }, (_, i) => new Client(house, node).hello({ address: `a${i}` }));
    const [gone] = clients;
    expect(node.waitingForTurn).toBe(200);
    expect(clients.every((client) => client.welcome.ice.degraded && client.welcome.ice.ttl === 60)).toBe(true);
    gone?.cut();
    expect(node.waitingForTurn).toBe(199);
    await house.clock.advance(300_000);
    const from = house.clock.now();
    house.turn.serve(ownLogin("one"));
    await house.clock.advance(5_000);
    expect(node.waitingForTurn).toBe(0);
    expect(gone?.pushes).toEqual([]);
    const seconds = new Set<number>();
    for (const client of clients.slice(1)) {
      const { at, ice } = only(client.pushes);
      expect(at - from).toBeLessThanOrEqual(5_000);
      expect(credentialOf(ice)).toBe("one");
      seconds.add(Math.floor(at / 1_000));
    }
    // Spread, not all at once.
    expect(seconds.size).toBeGreaterThanOrEqual(4);
    await house.clock.advance(600_000);
    expect(clients.slice(1).every(({ pushes }) => pushes.length === 1)).toBe(true);
    for (const client of clients.slice(1)) client.cut();
    await house.clock.advance(2_000);
    expect(node.size).toEqual({ sessions: 0, rooms: 0, kept: 0 });
  });

  test("[turn 24] so does one that came while nothing was known yet", async () => {
    const house = new House();
    house.turn.begin();
    const ann = new Client(house, house.node("east")).hello();
    expect(ann.welcome.ice.degraded).toBe(true);
    house.turn.serve(login("one"));
    await house.clock.advance(5_000);
    expect(ann.credentials).toEqual(["one"]);
  });

  test("one that asks between the recovery and its push is answered, and not told twice", async () => {
    const house = new House();
    house.turn.lose();
    const ann = new Client(house, house.node("east")).hello();
    house.turn.serve(login("one"));
    expect(credentialOf(ann.ask())).toBe("one");
    await house.clock.advance(10_000);
    expect(ann.pushes).toEqual([]);
  });

  test("a recovery that does not last leaves them waiting, and tells them nothing", async () => {
    const house = new House();
    house.turn.lose();
    const node = house.node("east");
    const ann = new Client(house, node).hello();
    house.turn.serve(login("one"));
    house.turn.lose();
    await house.clock.advance(10_000);
    expect(ann.pushes).toEqual([]);
    expect(node.waitingForTurn).toBe(1);
    house.turn.serve(login("two"));
    await house.clock.advance(5_000);
    expect(ann.credentials).toEqual(["two"]);
  });

  test("who has credentials keeps them when the provider loses its own, and is told in their last minute", async () => {
    const house = new House();
    house.turn.serve(ownLogin("one"));
    const ann = new Client(house, house.node("east")).hello();
    await house.clock.advance(1_000_000);
    house.turn.lose();
    await house.clock.advance(2_500_000);
    expect(ann.pushes).toEqual([]);
    await house.clock.advance(100_000);
    expect(only(ann.pushes).ice.degraded).toBe(true);
    house.turn.serve(ownLogin("two"));
    await house.clock.advance(5_000);
    expect(ann.credentials).toEqual([undefined, "two"]);
  });
});

describe("when another provider serves", () => {
  test("[turn 25] new grants come from it, and nobody is pushed to, neither on the way down nor up", async () => {
    const house = new House();
    house.turn.serve(ownLogin("own"));
    const node = house.node("east");
    const ann = new Client(house, node).hello();
    house.turn.serve(login("twilio"));
    const bob = new Client(house, node).hello();
    await house.clock.advance(60_000);
    house.turn.serve(ownLogin("own again"));
    await house.clock.advance(60_000);
    const cid = new Client(house, node).hello();
    expect([ann, bob, cid].map(({ welcome }) => credentialOf(welcome.ice))).toEqual(["own", "twilio", "own again"]);
    expect([...ann.pushes, ...bob.pushes, ...cid.pushes]).toEqual([]);
  });

  test("what is withdrawn is replaced for everybody at once, a few at a time", async () => {
    const house = new House();
    house.turn.serve(ownLogin("leaked"));
    const node = house.node("east");
    const clients = Array.from({ length: 1_000 }, (_, i) => new Client(house, node).hello({ address: `a${i}` }));
    await house.clock.advance(100_000);
    const from = house.clock.now();
    house.turn.replace(ownLogin("new"));
    await house.clock.advance(1);
    const first = clients.filter(({ pushes }) => pushes.length > 0).length;
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(1_000);
    await house.clock.advance(1_000);
    for (const client of clients) {
      expect(client.credentials).toEqual(["new"]);
      expect(only(client.pushes).at - from).toBeLessThanOrEqual(1_000);
    }
    await house.clock.advance(1_000_000);
    expect(clients.every(({ pushes }) => pushes.length === 1)).toBe(true);
  });

  test("also of those whose servers had no end, and also when there is only STUN in its place", async () => {
    const house = new House();
    house.turn.serve(login("fixed", { ttl: 0, expiry: "never" }));
    const ann = new Client(house, house.node("east")).hello();
    house.turn.replace(login("other", { ttl: 0, expiry: "never" }));
    await house.clock.advance(1_000);
    expect(ann.credentials).toEqual(["other"]);
    expect(ann.session.ice).toBeUndefined();
    house.turn.replace(ownLogin("own"));
    await house.clock.advance(1_000);
    house.turn.replace();
    await house.clock.advance(1_000);
    expect(ann.credentials).toEqual(["other", "own", undefined]);
    house.turn.serve(ownLogin("own again"));
    await house.clock.advance(5_000);
    expect(ann.credentials).toEqual(["other", "own", undefined, "own again"]);
  });
});

describe("a session that goes elsewhere", () => {
  test.for([true, false])(
    "[turn 28] gets a fresh grant there, and the first node pushes nothing any more (half open: %s)",
    async (halfOpen) => {
      const house = new House();
      house.turn.serve(ownLogin("one"));
      const [east, west] = [house.node("east"), house.node("west")];
      const ann = new Client(house, east).hello().join();
      ann.halfOpen = halfOpen;
      await house.clock.advance(1_000_000);
      house.turn.serve(ownLogin("two"));
      // The first connection stands: only the room's log tells the first node.
      const again = new Client(house, west).resume(ann.welcome.token, [{ room: lobby, position: ann.place }]);
      expect(again.welcome.resumed).toBe(true);
      expect(credentialOf(again.welcome.ice)).toBe("two");
      expect(again.welcome.ice.ttl).toBe(3600);
      await house.clock.advance(10_000);
      expect(east.size).toEqual({ sessions: 0, rooms: 0, kept: 0 });
      await house.clock.advance(3_000_000);
      expect(ann.pushes).toEqual([]);
      expect(again.pushes).toHaveLength(1);
      expect(house.asked("push")).toBe(1);
    },
  );

  test("a connection that is lost is pushed nothing, also while its member is still in the room", async () => {
    const house = new House();
    house.turn.serve(ownLogin("one"));
    const node = house.node("east");
    const ann = new Client(house, node).hello();
    ann.cut();
    await house.clock.advance(2_000);
    expect(node.size).toEqual({ sessions: 0, rooms: 0, kept: 0 });
    house.turn.lose();
    house.turn.serve(ownLogin("two"));
    await house.clock.advance(4_000_000);
    expect(house.asked("push")).toBe(0);
  });

  test("a resume on the same node is given anew, and renewed by that", async () => {
    const house = new House();
    house.turn.serve(ownLogin("one"));
    const node = house.node("east");
    const ann = new Client(house, node).hello().join();
    await house.clock.advance(2_000_000);
    ann.cut();
    const again = new Client(house, node).resume(ann.welcome.token, [{ room: lobby, position: ann.place }]);
    expect(again.welcome.ice.ttl).toBe(3600);
    await house.clock.advance(0.7 * 3_600_000 - 1);
    expect(again.pushes).toEqual([]);
    await house.clock.advance(0.1 * 3_600_000 + 1_001);
    expect(again.pushes).toHaveLength(1);
  });
});

describe("a wish", () => {
  test("is kept for the session, changed at once by a request, and told with every grant", async () => {
    const house = new House();
    house.turn.serve(ownLogin("one"));
    const ann = new Client(house, house.node("east")).hello({ iceWish: { zone: "eu" } });
    ann.ask();
    ann.ask("geo");
    await house.clock.advance(3_000_000);
    expect(house.turn.questions?.map(({ wish, occasion }) => [occasion, wish])).toEqual([
      ["greeting", { zone: "eu" }],
      ["request", { zone: "eu" }],
      ["request", "geo"],
      ["push", "geo"],
    ]);
  });

  test("is kept also when nothing new may be had for it", async () => {
    const house = new House();
    house.turn.serve(ownLogin("one"));
    const ann = new Client(house, house.node("east")).hello();
    for (let i = 0; i < 3; i += 1) ann.ask();
    expect(ann.ask({ zone: "us" }).limited).toBeDefined();
    await house.clock.advance(3_000_000);
    expect(house.turn.questions?.at(-1)).toMatchObject({ occasion: "push", wish: { zone: "us" } });
  });
});

describe("whoever asks too often", () => {
  test("[turn 34] is given what it has once more, with the life that is left, and no credential is made", async () => {
    const house = new House();
    house.turn.serve(ownLogin("one"));
    const ann = new Client(house, house.node("east")).hello();
    for (let i = 0; i < 3; i += 1) expect(ann.ask().limited).toBeUndefined();
    const made = house.turn.questions?.length;
    house.turn.serve(ownLogin("two"));
    await house.clock.advance(900);
    const grant = ann.ask();
    expect(credentialOf(grant)).toBe("one");
    expect(grant).toMatchObject({ ttl: 3599, degraded: false, limited: { retryIn: 29_100 } });
    expect(house.turn.questions).toHaveLength(made ?? -1);
    expect(house.of("ice_limited")).toEqual([{ type: "ice_limited", by: "session" }]);
    await house.clock.advance(29_100);
    expect(credentialOf(ann.ask())).toBe("two");
    expect(ann.ask().limited).toBeDefined();
  });

  test("[turn 34] is given STUN only where the credentials are everybody's, or about to end", async () => {
    const house = new House();
    house.turn.serve(login("one"));
    const ann = new Client(house, house.node("east")).hello();
    for (let i = 0; i < 3; i += 1) ann.ask();
    const made = house.turn.questions?.length;
    const grant = ann.ask();
    expect(grant).toEqual({
      iceServers: [stun],
      ttl: 60,
      expiry: "never",
      degraded: true,
      limited: { retryIn: 30_000 },
    });
    expect(house.turn.questions).toHaveLength(made ?? -1);
    expect(house.of("ice_granted")).toEqual([{ type: "ice_granted", occasion: "request", shortfall: "limited" }]);
    const node = house.node("west");
    for (const [ttl, degraded] of [
      [60, true],
      [61, false],
    ] as const) {
      house.turn.serve({ ...ownLogin("short"), ttl });
      const bob = new Client(house, node).hello();
      for (let i = 0; i < 3; i += 1) bob.ask();
      expect(bob.ask()).toMatchObject({ degraded, limited: { retryIn: 30_000 } });
    }
  });

  test("a TURN server over UDP answers STUN where no STUN server is named", async () => {
    const house = new House();
    const { iceServers } = login("one");
    house.turn.serve({ ...login("one"), iceServers: iceServers.slice(0, 1) });
    const ann = new Client(house, house.node("east")).hello();
    for (let i = 0; i < 3; i += 1) ann.ask();
    expect(ann.ask().iceServers).toEqual([{ urls: ["stun:turn.example:3478"] }]);
  });

  test("a user has 20 in ten minutes from all sessions and addresses, and one more on each node that has yet to hear", async () => {
    const house = new House();
    house.turn.serve(ownLogin("one"));
    const [east, west] = [house.node("east"), house.node("west")];
    const limited: boolean[] = [];
    for (let i = 0; i < 30; i += 1) {
      const client = new Client(house, i % 2 === 0 ? east : west).hello({ user: "ann", address: `a${i}` });
      limited.push(client.welcome.ice.limited !== undefined);
      await house.clock.advance(100);
    }
    // A node hears what the others counted when it counts itself: nothing waits for that.
    expect(limited.indexOf(true)).toBeGreaterThanOrEqual(20);
    expect(limited.filter((is) => !is).length).toBeLessThanOrEqual(21);
    expect(limited.slice(22)).not.toContain(false);
    expect(house.of("ice_limited").every(({ by }) => by === "user")).toBe(true);
    expect(new Client(house, west).hello({ user: "bob", address: "a1" }).welcome.ice.limited).toBeUndefined();
    await house.clock.advance(600_000);
    expect(new Client(house, west).hello({ user: "ann" }).welcome.ice.limited).toBeUndefined();
  });

  test("an address has 120 in ten minutes: a burst is stopped though nobody waits for the counters", async () => {
    const house = new House();
    house.turn.serve(ownLogin("one"));
    const node = house.node("east");
    const limited = Array.from({ length: 130 }, () => new Client(house, node).hello().welcome.ice);
    expect(limited.findIndex((ice) => ice.limited !== undefined)).toBe(120);
    expect(limited.at(-1)).toMatchObject({ degraded: true, iceServers: [stun] });
    expect(house.of("ice_limited").every(({ by }) => by === "address")).toBe(true);
  });

  test("a resume is not refused for it: an office may have to move to another node at once", async () => {
    const house = new House();
    house.turn.serve(ownLogin("one"));
    const [east, west] = [house.node("east"), house.node("west")];
    const clients = Array.from({ length: 121 }, () => new Client(house, east).hello());
    expect(clients.at(-1)?.welcome.ice.limited).toBeDefined();
    for (const client of clients) {
      const { ice } = new Client(house, west).resume(client.welcome.token).welcome;
      expect(credentialOf(ice)).toBe("one");
    }
  });

  test("while the shared memory is out of reach, a session's own bound is the only one", async () => {
    const house = new House();
    house.turn.serve(ownLogin("one"));
    const node = house.node("east");
    house.cluster.reach.set("closed");
    for (let i = 0; i < 200; i += 1) {
      expect(new Client(house, node).hello().welcome.ice.limited).toBeUndefined();
      await house.clock.settle();
    }
    const ann = new Client(house, node).hello();
    for (let i = 0; i < 3; i += 1) ann.ask();
    expect(ann.ask().limited).toBeDefined();
  });

  test("where there is no credential to be had, nothing is counted and nothing refused", async () => {
    for (const lose of [true, false]) {
      const house = new House();
      if (lose) house.turn.lose();
      const node = house.node("east");
      const ann = new Client(house, node).hello();
      for (let i = 0; i < 200; i += 1) expect(ann.ask().limited).toBeUndefined();
    }
  });

  test("pushes do not count", async () => {
    const house = new House();
    house.turn.serve({ ...ownLogin("one"), ttl: 60 });
    const node = house.node("east");
    const tabs = [1, 2, 3].map(() => new Client(house, node).hello({ user: "ann" }));
    await house.clock.advance(590_000);
    expect(tabs.flatMap(({ pushes }) => pushes).length).toBeGreaterThan(30);
    for (const tab of tabs) expect(tab.ask().limited).toBeUndefined();
  });
});

/** TURN for proven users; `barred`: for none. */
class ProvenOnly extends MemoryTurnIssuer {
  barred = false;

  override grant(asker: IceAsker, wish: IceWish, occasion: IceOccasion): IceIssued {
    const issued = super.grant(asker, wish, occasion);
    if (asker.user !== undefined && !this.barred) return issued;
    return { ...issued, grant: { iceServers: [stun], ttl: 0, expiry: "never", degraded: true } };
  }
}

describe("who proved to be somebody", () => {
  test("[turn 35] is told to the issuer with every grant, and a session without TURN by who it is waits for nothing", async () => {
    const house = new House((clock) => new ProvenOnly(clock, [stun]));
    house.turn.serve(ownLogin("one"));
    const node = house.node("east");
    const ann = new Client(house, node).hello({ user: "ann" });
    const eve = new Client(house, node).hello();
    expect(credentialOf(ann.welcome.ice)).toBe("one");
    expect(credentialOf(ann.ask())).toBe("one");
    expect(eve.welcome.ice).toEqual({ iceServers: [stun], ttl: 0, expiry: "never", degraded: true });
    expect(eve.ask().degraded).toBe(true);
    await house.clock.advance(3_000_000);
    expect(ann.credentials).toEqual(["one"]);
    expect(eve.pushes).toEqual([]);
    expect(node.waitingForTurn).toBe(0);
    const users = house.turn.questions?.map(({ asker, occasion }) => [occasion, asker.user]);
    expect(users).toEqual([
      ["greeting", "ann"],
      ["greeting", undefined],
      ["request", "ann"],
      ["request", undefined],
      ["push", "ann"],
    ]);
  });
});
