// A cluster of a few nodes for tests that tell a story: nodes whose logs can be overheard, and clients at their doors.
import type { Close, Event, MemberId, NodeId, Position, RoomName, SessionId } from "@heliograph/protocol";
import { parseNodeId, parseRealm, parseRoomName, personalRoom } from "@heliograph/protocol";
import type { Connection, Origin } from "../src/connection.ts";
import { Keeper } from "../src/keeper.ts";
import { MemoryCluster, type MemoryNode, MemoryTurnIssuer, SeededRandom, VirtualClock } from "../src/memory/mod.ts";
import { Node } from "../src/node.ts";
import type { Log, Stored } from "../src/ports/log.ts";
import type { Happening } from "../src/ports/observer.ts";
import { TooLarge } from "../src/ports/unreachable.ts";
import type { Entry } from "../src/room/entry.ts";
import type { Session } from "../src/session.ts";
import { defaultSettings } from "../src/settings.ts";
import { Signer } from "../src/signer.ts";
import { Tokens } from "../src/token.ts";

export const realm = named(parseRealm("default"));
export const lobby = named(parseRoomName("lobby"));
export const attic = named(parseRoomName("attic"));
const origin: Origin = { realm, dialect: "test", grace: 30_000, address: "10.0.0.1" };

function named<T>(outcome: { readonly ok: true; readonly value: T } | { readonly ok: false }): T {
  if (!outcome.ok) throw new Error("a name of this test");
  return outcome.value;
}

export function nodeNamed(name: string): NodeId {
  return named(parseNodeId(name.padEnd(22, "-")));
}

export class House {
  readonly clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  readonly random = new SeededRandom(5);
  readonly cluster = new MemoryCluster({ clock: this.clock, random: this.random });
  /** What edges observed that must not be. */
  readonly faults: Happening[] = [];
  readonly tokens = new Tokens(new Signer([{ id: "k1", secret: new Uint8Array(32).fill(7) }]), 86_400_000);

  /** What all processes of a deployment share. */
  get common() {
    const { clock, random, tokens } = this;
    const rules = { version: 1, logLife: defaultSettings.logLife };
    return { clock, random, tokens, rules, settings: defaultSettings, turn: new MemoryTurnIssuer(clock) };
  }

  /** `rules`: the newest that it can apply; `everywhere`: that all are said to apply. */
  edge(name: string, rules = 1, everywhere?: number): Edge {
    return new Edge(this, nodeNamed(name), rules, everywhere);
  }

  /** A keeper on its own link and its own way to the memory. */
  keeper(name: string, rules = 1): Warden {
    return new Warden(this, nodeNamed(name), rules);
  }
}

/** How most stories begin: Ann is in the lobby at one of two nodes, Bob comes in at one of them, and time passes. */
export async function meeting(ann: "east" | "west", bob: "east" | "west", ms = 0) {
  const house = new House();
  const [east, west] = [house.edge("east"), house.edge("west")];
  const at = { east, west };
  const first = at[ann].hello().join();
  await house.clock.settle();
  const second = at[bob].hello().join();
  await (ms === 0 ? house.clock.settle() : house.clock.advance(ms));
  return { house, east, west, ann: first, bob: second };
}

export class Warden {
  readonly ports: MemoryNode;
  readonly keeper: Keeper;
  readonly observed: Happening[] = [];

  constructor(house: House, id: NodeId, version: number) {
    this.ports = house.cluster.node(id);
    this.keeper = new Keeper({
      ...this.ports,
      ...house.common,
      id,
      rules: { ...house.common.rules, version },
      observer: { observe: (happening) => this.observed.push(happening) },
    });
  }

  kill(): void {
    this.keeper.end();
    this.ports.kill();
  }
}

export class Edge {
  readonly house: House;
  readonly ports: MemoryNode;
  readonly node: Node;
  /** What this node makes of a bundle before it applies it: the place for a bug. */
  misread: (bundle: Stored) => Stored = (bundle) => bundle;
  /** Which bundles the servers do not take. */
  tooLarge: (bundle: readonly Entry[]) => boolean = () => false;
  /** Called after a bundle has been told. */
  told: (bundle: Stored) => void = () => undefined;
  observe: (happening: Happening) => void = () => undefined;

  constructor(house: House, id: NodeId, version: number, everywhere: number | undefined) {
    this.house = house;
    this.ports = house.cluster.node(id);
    const { log } = this.ports;
    this.node = new Node({
      ...this.ports,
      ...house.common,
      id,
      rules: { ...house.common.rules, version, ...(everywhere === undefined ? {} : { everywhere }) },
      log: this.#overheard(log),
      observer: {
        observe: (happening) => {
          if (happening.type === "fault" || happening.type === "digest_alarm") house.faults.push(happening);
          this.observe(happening);
        },
      },
    });
  }

  #overheard(log: Log): Log {
    return {
      append: (room, bundle) =>
        this.tooLarge(bundle) ? Promise.reject(new TooLarge("more than they take")) : log.append(room, bundle),
      open: (room, bundle) => log.open(room, bundle),
      read: (room, after, upTo) => log.read(room, after, upTo),
      tail: (room) => log.tail(room),
      first: (room) => log.first(room),
      onLink: (listener) => log.onLink(listener),
      get link() {
        return log.link;
      },
      follow: (room, follower) =>
        log.follow(room, {
          stored: (bundle) => {
            follower.stored(this.misread(bundle));
            this.told(bundle);
          },
          broken: (why) => follower.broken(why),
        }),
    };
  }

  hello(): Client {
    return new Client(this, 1).open();
  }

  resume(former: Client, attempt: number, ...rooms: readonly { room: RoomName; position: Position }[]): Client {
    return new Client(this, attempt).open(former.token, rooms);
  }

  /** As `hello` or `resume`, of a dialect whose clients have a personal channel and keep no positions. */
  call(former?: Client, attempt = 1): Client {
    return new Client(this, attempt, true).open(former?.token);
  }

  kill(): void {
    this.node.end();
    this.ports.kill();
  }
}

export class Client implements Connection {
  readonly heard: Event[] = [];
  closed: Close | undefined;
  readonly #edge: Edge;
  readonly #attempt: number;
  readonly #hasChannel: boolean;
  #session: Session | undefined;

  constructor(edge: Edge, attempt: number, hasChannel = false) {
    this.#edge = edge;
    this.#attempt = attempt;
    this.#hasChannel = hasChannel;
  }

  open(token?: string, rooms: readonly { room: RoomName; position: Position }[] = []): this {
    const attempt = this.#attempt;
    const channel = this.#hasChannel ? { channel: { profile: { name: "Caller" } } } : {};
    const opening =
      token === undefined
        ? { type: "hello" as const, attempt, ...channel }
        : { type: "resume" as const, attempt, token, rooms, ...channel };
    const opened = this.#edge.node.open(this, opening, origin);
    if (opened.ok) this.#session = opened.value;
    return this;
  }

  deliver(event: Event): void {
    if (this.closed === undefined) this.heard.push(event);
  }

  close(why: Close): void {
    if (this.closed !== undefined) return;
    this.closed = why;
    this.#edge.house.clock.endOfTurn(() => this.cut());
  }

  /** The door of a dialect whose clients go with their socket tells of its end. */
  depart(): void {
    if (this.#session !== undefined) this.#edge.node.depart(this.#session, this);
  }

  letter(to: Client | SessionId, word: number): this {
    const id = to instanceof Client ? to.session.id : to;
    this.#edge.node.command(this.session, {
      type: "letter",
      to: id,
      body: { codec: "json", bytes: new Uint8Array([word]) },
    });
    return this;
  }

  /** What letters said. */
  get letters(): (number | undefined)[] {
    return this.of("letter").map(({ body }) => body.bytes[0]);
  }

  /** Its channel has been opened. */
  get reachable(): boolean {
    return this.of("joined").some(({ room }) => room === personalRoom(this.session.id));
  }

  cut(): void {
    if (this.#session !== undefined) this.#edge.node.lost(this.#session, this);
  }

  get session(): Session {
    if (this.#session === undefined) throw new Error("not open");
    return this.#session;
  }

  get token(): string {
    const welcome = this.heard.find((event) => event.type === "welcome");
    return welcome?.type === "welcome" ? welcome.token : "";
  }

  join(room = lobby, n = 1): this {
    this.#edge.node.command(this.session, { type: "join", n, room, profile: {} });
    return this;
  }

  say(n: number, room = lobby): this {
    this.#edge.node.command(this.session, {
      type: "broadcast",
      n,
      room,
      body: { codec: "json", bytes: new Uint8Array([n]) },
    });
    return this;
  }

  lock(n: number): this {
    this.#edge.node.command(this.session, { type: "settings", n, room: lobby, change: { locked: true } });
    return this;
  }

  remove(n: number, member: MemberId): this {
    this.#edge.node.command(this.session, { type: "moderate", n, room: lobby, action: { action: "remove", member } });
    return this;
  }

  leave(n: number): this {
    this.#edge.node.command(this.session, { type: "leave", n, room: lobby });
    return this;
  }

  /** As which it is in its first room. */
  get self(): MemberId {
    const [joined] = this.of("joined");
    if (joined === undefined) throw new Error("not in");
    return joined.self;
  }

  of<T extends Event["type"]>(type: T): Extract<Event, { type: T }>[] {
    return this.heard.filter((event): event is Extract<Event, { type: T }> => event.type === type);
  }

  /** What was said in its hearing. */
  get said(): (number | undefined)[] {
    return this.heard.flatMap((event) => (event.type === "broadcast" ? [event.body.bytes[0]] : []));
  }

  get changes(): string[] {
    return this.of("member").map(({ what }) => what.change);
  }

  place(room = lobby): { room: RoomName; position: Position } {
    const positions = this.heard.flatMap((event) =>
      "room" in event && event.room === room && "position" in event && event.position !== undefined
        ? [event.position]
        : [],
    );
    const position = positions.at(-1);
    if (position === undefined) throw new Error("nothing heard");
    return { room, position };
  }
}
