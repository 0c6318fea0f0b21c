// Nodes and clients for tests of ICE servers: a virtual clock, an issuer that gives what it is told to, one realm.
import type { Event, IceGrant, IceWish, NodeId, Position, Realm, RoomName } from "@heliograph/protocol";
import type { Connection, Origin } from "../src/connection.ts";
import { MemoryCluster, MemoryTurnIssuer, type ScriptedIce, SeededRandom, VirtualClock } from "../src/memory/mod.ts";
import { Node } from "../src/node.ts";
import type { Happening } from "../src/ports/observer.ts";
import type { IceAsker, IceIssued, IceOccasion } from "../src/ports/turn-issuer.ts";
import type { Session } from "../src/session.ts";
import { defaultSettings } from "../src/settings.ts";
import { Signer } from "../src/signer.ts";
import { Tokens } from "../src/token.ts";
import type { World } from "../src/world.ts";

const realm = "default" as Realm;
export const lobby = "lobby" as RoomName;
export const stun = { urls: ["stun:stun.example"] };

/** Credentials told apart by their password. */
export function login(credential: string, more: Partial<ScriptedIce> = {}): ScriptedIce {
  const turn = { urls: ["turn:turn.example:3478?transport=udp"], username: "u", credential };
  return { iceServers: [turn, stun], ttl: 3600, expiry: "hard", shared: true, ...more };
}

export const ownLogin = (credential: string): ScriptedIce => login(credential, { shared: false, expiry: "admission" });

export class House {
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

export class Client implements Connection {
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

export function originOf({ user, address = "10.0.0.1" }: { user?: string; address?: string }): Origin {
  return { realm, dialect: "test", grace: 30_000, address, ...(user === undefined ? {} : { user }) };
}

export function credentialOf({ iceServers }: IceGrant): string | undefined {
  return iceServers.find(({ credential }) => credential !== undefined)?.credential;
}

export function only<T>(list: readonly T[]): T {
  const [first] = list;
  if (list.length !== 1 || first === undefined) throw new Error(`${list.length} in place of one`);
  return first;
}

/** TURN for proven users; `barred`: for none. */
export class ProvenOnly extends MemoryTurnIssuer {
  barred = false;

  override grant(asker: IceAsker, wish: IceWish, occasion: IceOccasion): IceIssued {
    const issued = super.grant(asker, wish, occasion);
    if (asker.user !== undefined && !this.barred) return issued;
    return { ...issued, grant: { iceServers: [stun], ttl: 0, expiry: "never", degraded: true } };
  }
}
