// A whole way in and out without a network: bytes, formats, a node over the memory twins, and sockets of paper.
import { defaultSettings, Node, type Origin, Signer, Tokens } from "@heliograph/core";
import { MemoryCluster, MemoryTurnIssuer, SeededRandom, VirtualClock } from "@heliograph/core/memory";
import type { CodecName, NodeId, Outcome, Realm } from "@heliograph/protocol";
import { checkServerFrame } from "@heliograph/protocol/validators";
import { ClientConnection } from "../src/client-connection.ts";
import { Inbound } from "../src/inbound.ts";
import { Outbound } from "../src/outbound.ts";
import { format, json, msgpack } from "./formats.ts";
import { PaperSocket } from "./paper-socket.ts";

const origin: Origin = { realm: "default" as Realm, dialect: "heliograph.v1", grace: 30_000, address: "a" };

export class PaperHouse {
  readonly clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  readonly faults: unknown[] = [];
  readonly node: Node;
  readonly inbound: Inbound;
  readonly outbound: Outbound;
  readonly formats = { json: format("json"), msgpack: format("msgpack") };

  constructor() {
    const random = new SeededRandom(5);
    const id = "paper" as NodeId;
    this.node = new Node({
      ...new MemoryCluster({ clock: this.clock, random }).node(id),
      id,
      settings: defaultSettings,
      rules: { version: 1, logLife: defaultSettings.logLife },
      tokens: new Tokens(new Signer([{ id: "k", secret: new Uint8Array(32).fill(1) }]), defaultSettings.tokenLife),
      turn: new MemoryTurnIssuer(this.clock, [{ urls: ["stun:stun.example"] }]),
      clock: this.clock,
      random,
      observer: {
        observe: (happening) => {
          if (happening.type === "fault") this.faults.push(happening.error);
        },
      },
    });
    this.inbound = new Inbound(this.node);
    this.outbound = new Outbound(this.clock, (error) => this.faults.push(error));
  }

  client(codec: CodecName): PaperClient {
    return new PaperClient(this, codec);
  }
}

export class PaperClient {
  readonly socket = new PaperSocket();
  readonly connection: ClientConnection;
  readonly #house: PaperHouse;
  readonly #codec: typeof json;

  constructor(house: PaperHouse, codec: CodecName) {
    this.#house = house;
    this.#codec = codec === "json" ? json : msgpack;
    this.connection = new ClientConnection(this.socket, house.formats[codec], house.outbound);
    this.socket.onClosed = () => {
      const { session } = this.connection;
      this.connection.ended();
      if (session !== undefined) house.node.lost(session, this.connection);
    };
  }

  /** The buffer is taken back when the call returns, as a socket's is. */
  sendBytes(bytes: Uint8Array, binary = this.#codec.binary): void {
    const lent = Uint8Array.from(bytes);
    this.#house.inbound.receive(this.connection, origin, lent, binary);
    lent.fill(0xa5);
  }

  send(frame: Parameters<typeof json.encode>[0]): void {
    this.sendBytes(this.#codec.encode(frame));
  }

  get heard(): readonly Record<string, unknown>[] {
    return this.socket.frames.map((text) => {
      const read = this.#codec.decode(Buffer.from(text, this.#codec.binary ? "base64" : "utf8"));
      if (!read.ok) throw new Error(`the edge sent what its codec cannot read: ${text.slice(0, 200)}`);
      return read.value as Record<string, unknown>;
    });
  }

  /** What it heard that no server may say. */
  get illegal(): readonly Outcome<unknown>[] {
    return this.heard.map(checkServerFrame).filter(({ ok }) => !ok);
  }

  get closed(): number | undefined {
    return this.socket.closes[0]?.code;
  }
}
