// Spreed doors of several nodes over a memory cluster, with sockets of paper and a clock that is moved by hand.
import type { Codec } from "@heliograph/codec";
import { createJsonCodec } from "@heliograph/codec/json";
import { createMsgpackCodec } from "@heliograph/codec/msgpack";
import type { Happening, World } from "@heliograph/core";
import { defaultSettings, Node, newestRules, newNodeId, Signer, Tokens } from "@heliograph/core";
import { MemoryCluster, type MemoryNode, MemoryTurnIssuer, SeededRandom, VirtualClock } from "@heliograph/core/memory";
import type { CodecName, Realm } from "@heliograph/protocol";
import { ConnectionCount } from "../src/connection-count.ts";
import { Entrance } from "../src/doors/entrance.ts";
import type { SpreedCaller } from "../src/doors/spreed/caller.ts";
import { SpreedEdge } from "../src/doors/spreed/spreed-edge.ts";
import type { SpreedSettings } from "../src/doors/spreed/spreed-settings.ts";
import { OriginPolicy } from "../src/origin-policy.ts";
import { Outbound } from "../src/outbound.ts";
import type { UpgradeRequest } from "../src/socket/listener.ts";
import { PaperSocket } from "./paper-socket.ts";

type Frame = Readonly<Record<string, unknown>>;

const realm = "default" as Realm;
const stored = { maxBytes: 1 << 20, maxDepth: 256, maxKeys: 65_536 };

export const plainSettings: SpreedSettings = {
  rooms: {
    defaultRoom: true,
    caseSensitive: false,
    users: false,
    authorizeJoin: false,
    authorizeCreation: false,
    publicRooms: undefined,
    types: { set: new Map(), patterns: [{ pattern: /^team\//, type: "Conference" }] },
  },
  globalRoom: undefined,
  version: "0.29.7",
  contacts: true,
  pictureBase: undefined,
  users: undefined,
  page: { title: "Tea house", serverToken: "public", lockedRoomJoinableWithPin: true, stun: [] },
  stats: true,
};

export const headerUsers: SpreedSettings = {
  ...plainSettings,
  rooms: { ...plainSettings.rooms, users: true },
  users: { mode: "httpheader", header: "x-users" },
};

export class SpreedHouse {
  readonly clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  readonly random = new SeededRandom(17);
  readonly cluster = new MemoryCluster({ clock: this.clock, random: this.random });
  readonly signer = new Signer([{ id: "k", secret: this.random.bytes(32) }]);
  readonly happened: Happening[] = [];
  settings: SpreedSettings = plainSettings;

  node(): SpreedNode {
    return new SpreedNode(this);
  }

  get faults(): unknown[] {
    return this.happened.flatMap((happening) => (happening.type === "fault" ? [happening.error] : []));
  }

  pass(ms = 500): Promise<void> {
    return this.clock.advance(ms);
  }
}

export class SpreedNode {
  readonly house: SpreedHouse;
  readonly node: Node;
  readonly edge: SpreedEdge;
  readonly count = new ConnectionCount(100);
  readonly ports: MemoryNode;

  constructor(house: SpreedHouse) {
    const { clock, random, cluster, signer, happened } = house;
    this.house = house;
    const id = newNodeId(random);
    const observer = { observe: (happening: Happening) => void happened.push(happening) };
    this.ports = cluster.node(id);
    const world: World = {
      ...this.ports,
      id,
      settings: defaultSettings,
      rules: { version: newestRules, everywhere: newestRules, logLife: defaultSettings.logLife },
      tokens: new Tokens(signer, defaultSettings.tokenLife),
      turn: new MemoryTurnIssuer(clock),
      clock,
      random,
      observer,
    };
    this.node = new Node(world);
    this.edge = new SpreedEdge(
      {
        path: "/spreed/",
        basePath: "/",
        tls: false,
        tokenFile: undefined,
        realm,
        signer,
        lasting: [{ reveal: () => new Uint8Array(32).fill(3) }],
        settings: () => house.settings,
      },
      {
        node: this.node,
        world,
        outbound: new Outbound(clock, (error) => happened.push({ type: "fault", where: "an encoder", error })),
        entrance: new Entrance({ origins: new OriginPolicy([], true), count: this.count, trustForwarded: 0 }),
        bufferedBytes: 1 << 20,
        pictures: undefined,
        stored: new Map<CodecName, Codec>([
          ["json", createJsonCodec(stored)],
          ["msgpack", createMsgpackCodec(stored)],
        ]),
      },
    );
  }

  /** A client that has its Self. */
  async guest(token?: string, user?: string): Promise<SpreedGuest> {
    const guest = new SpreedGuest(this, token, user);
    await this.house.pass();
    return guest;
  }
}

export class SpreedGuest {
  readonly socket = new PaperSocket();
  readonly #node: SpreedNode;
  readonly #caller: SpreedCaller;
  #read = 0;
  #iid = 0;

  /** `user`: as a proxy names it, where users are logged in so. */
  constructor(node: SpreedNode, token?: string, user?: string) {
    this.#node = node;
    const answer = node.edge.door.upgrade({
      path: "/spreed/ws",
      query: token === undefined ? "" : `t=${encodeURIComponent(token)}`,
      origin: undefined,
      subprotocols: [],
      remoteAddress: "192.0.2.1",
      header: (name) => (name === "x-users" ? user : undefined),
    } satisfies UpgradeRequest);
    if (!answer.accept) throw new Error(answer.body);
    this.#caller = answer.context;
    this.socket.onClosed = (code) => node.edge.door.closed(this.socket, this.#caller, code);
    node.edge.door.opened(this.socket, this.#caller);
  }

  /** All frames so far, decoded. */
  get frames(): Frame[] {
    return this.socket.frames.map((frame) => JSON.parse(frame));
  }

  /** Frames since the last look. */
  get news(): Frame[] {
    const { frames } = this;
    const news = frames.slice(this.#read);
    this.#read = frames.length;
    return news;
  }

  /** `Data` of the frames since the last look. */
  get told(): Record<string, unknown>[] {
    return this.news.map(({ Data }) => Data as Record<string, unknown>);
  }

  get types(): unknown[] {
    return this.told.map(({ Type }) => Type);
  }

  get self(): Record<string, unknown> {
    const data = this.frames.map(({ Data }) => Data as Record<string, unknown>).findLast(({ Type }) => Type === "Self");
    if (data === undefined) throw new Error("no Self has come");
    return data;
  }

  get id(): string {
    return String(this.self["Id"]);
  }

  get token(): string {
    return String(this.self["Token"]);
  }

  say(frame: Frame | string): void {
    this.bytes(Buffer.from(typeof frame === "string" ? frame : JSON.stringify(frame)));
  }

  bytes(bytes: Uint8Array, binary = false): void {
    this.#node.edge.door.message(this.socket, this.#caller, bytes, binary);
  }

  /** What a request is answered with. */
  async ask(type: string, document: Frame = {}): Promise<Record<string, unknown>> {
    this.#iid += 1;
    const iid = `${this.#iid}`;
    this.say({ Type: type, [type]: document, Iid: iid });
    await this.#node.house.pass();
    const answer = this.frames.find(({ Iid }) => Iid === iid);
    if (answer === undefined) throw new Error(`${type} was not answered`);
    return answer["Data"] as Record<string, unknown>;
  }

  hello(name: string, more: Frame = {}): Promise<Record<string, unknown>> {
    return this.ask("Hello", { Name: name, Ua: "Chrome 120", ...more });
  }

  /** The network is cut, or the page closed. */
  cut(): void {
    this.socket.terminate();
  }
}
