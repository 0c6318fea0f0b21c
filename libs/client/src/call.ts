// A call in a room, peer to peer: a `Peer` for every other member that is there, and rings between them.
import type { SignalBody, SignalledFrame } from "@heliograph/protocol/schema";
import type { Listener, Off } from "./emitter.ts";
import { Emitter } from "./emitter.ts";
import { Refusal } from "./failure.ts";
import type { HeldIce } from "./ice.ts";
import type { PeerConnectionConstructor } from "./peer.ts";
import { Peer } from "./peer.ts";
import type { TurnError } from "./peer-ice.ts";
import type { PeerStats } from "./peer-stats.ts";
import type { IncomingRing, Ringing, RingMedia, RingReply } from "./ringer.ts";
import { Ringer } from "./ringer.ts";
import type { CallClient } from "./room.ts";
import type { RoomEvents } from "./room-events.ts";
import type { MemberView } from "./room-picture.ts";

/** The name that the call of everyone in the room has in `hangup` and `busy`; rings have names of their own. */
const everyone = "room";
const statsEvery = 5_000;

/** The part of `Room` that a call uses. */
export interface CallRoom {
  readonly self: string;
  readonly members: ReadonlyMap<string, MemberView>;
  readonly client: CallClient;
  on<Type extends keyof RoomEvents>(type: Type, listener: Listener<RoomEvents[Type]>): Off;
  claimSignals(listener: (frame: SignalledFrame) => void): Off;
  signal(to: string, body: SignalBody): Promise<void>;
}

export interface CallOptions {
  /** What we send. None: we only receive, until `setStream`. */
  readonly stream?: MediaStream;
  /** `relay`: only through TURN, which hides our addresses from the others. */
  readonly iceTransportPolicy?: RTCIceTransportPolicy;
  /** A full mesh costs every member an upload per peer; beyond this nobody is called, and who calls hears `busy`. */
  readonly maxPeers?: number;
  readonly rtc?: PeerConnectionConstructor;
}

export interface CallEvents {
  peer: Peer;
  "peer-left": Peer;
  track: { readonly peer: Peer; readonly track: MediaStreamTrack; readonly streams: readonly MediaStream[] };
  state: { readonly peer: Peer; readonly state: RTCPeerConnectionState };
  /** A text from a data channel. */
  message: { readonly peer: Peer; readonly from: string; readonly text: string };
  /** A TURN server of ours gave no relay, and nothing mends that by itself: 486 is a person with too many of them. */
  "turn-error": TurnError & { readonly peer: Peer };
  /** Every five seconds for each peer that is connected. */
  stats: { readonly peer: Peer; readonly stats: PeerStats };
  ring: IncomingRing;
  accept: RingReply;
  decline: RingReply;
  busy: RingReply;
  hangup: RingReply;
}

export class Call {
  readonly #room: CallRoom;
  readonly #rtc: PeerConnectionConstructor;
  readonly #policy: RTCIceTransportPolicy | undefined;
  readonly #maxPeers: number;
  readonly #events: Emitter<CallEvents>;
  readonly #peers = new Map<string, Peer>();
  readonly #ringer: Ringer;
  readonly #offs: Off[];
  #stream: MediaStream | undefined;
  #ice: HeldIce;
  #stopStats: () => void = () => undefined;
  #over = false;

  constructor(room: CallRoom, options: CallOptions = {}) {
    this.#room = room;
    this.#rtc = options.rtc ?? RTCPeerConnection;
    this.#policy = options.iceTransportPolicy;
    this.#maxPeers = options.maxPeers ?? Number.POSITIVE_INFINITY;
    this.#stream = options.stream;
    this.#events = new Emitter((error, where) => room.client.failed(error, where));
    this.#ice = room.client.ice.held;
    this.#ringer = new Ringer({
      clock: room.client.clock,
      random: room.client.random,
      signal: (to, body) => this.#signal(to, body),
      ring: (ring) => this.#events.emit("ring", ring),
      reply: (kind, reply) => this.#events.emit(kind, reply),
    });
    this.#offs = [
      room.on("member", (event) => this.#member(event)),
      room.on("moderated", ({ action, member }) => {
        // Told by this alone, without a `left` of its own.
        if (action !== "remove" && action !== "ban") return;
        this.#part(member);
        this.#meetAll();
      }),
      room.on("gap", () => this.#gap()),
      room.on("left", () => this.#end()),
      room.client.on("ice", (held) => this.#reconfigure(held)),
    ];
    // Later, so that whoever makes the call hears of the peers that are found at once, and of rings that wait.
    const stopEarly = room.client.clock.after(0, () => {
      this.#meetAll();
      this.#offs.push(room.claimSignals((frame) => this.#heard(frame)));
    });
    this.#offs.push(stopEarly);
    this.#watch();
  }

  get peers(): ReadonlyMap<string, Peer> {
    return this.#peers;
  }

  on<Type extends keyof CallEvents>(type: Type, listener: Listener<CallEvents[Type]>): Off {
    return this.#events.on(type, listener);
  }

  /** What we send to everyone from now on; `undefined`: nothing. A switch from camera to screen needs no negotiation. */
  async setStream(stream: MediaStream | undefined): Promise<void> {
    this.#stream = stream;
    await Promise.all([...this.#peers.values()].map((peer) => peer.setStream(stream)));
  }

  /** Sends a text over the data channels; tells how many peers it went to. */
  send(text: string): number {
    return [...this.#peers.values()].filter((peer) => peer.send(text)).length;
  }

  ring(to: string, media?: RingMedia): Ringing {
    return this.#ringer.ring(to, media);
  }

  /** Leaves the call and stays in the room. The stream goes on: it is the application's. */
  hangUp(): void {
    if (this.#over) return;
    for (const id of this.#peers.keys()) void this.#signal(id, { kind: "hangup", call: everyone });
    this.#end();
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    for (const off of this.#offs) off();
    this.#stopStats();
    this.#ringer.close();
    for (const id of [...this.#peers.keys()]) this.#part(id);
  }

  #member(event: RoomEvents["member"]): void {
    switch (event.change) {
      case "joined":
        // A member that left and came again has another page behind it.
        this.#part(event.member.id);
        this.#meet(event.member);
        break;
      case "back":
        // Its page may be the same one: the media went on without signaling.
        this.#peers.get(event.member.id)?.recover();
        this.#meet(event.member);
        break;
      case "left":
        this.#part(event.id);
        this.#meetAll();
        break;
      case "updated":
      case "away":
      case "count":
        break;
      default:
        event satisfies never;
    }
  }

  #meetAll(): void {
    for (const member of this.#room.members.values()) this.#meet(member);
  }

  #meet(member: MemberView): void {
    if (member.state === "present") this.#peer(member.id);
  }

  #peer(id: string): Peer | undefined {
    const known = this.#peers.get(id);
    if (known !== undefined || this.#over) return known;
    if (id === this.#room.self || this.#peers.size >= this.#maxPeers) return undefined;
    const { client } = this.#room;
    const peer = new Peer(
      {
        id,
        polite: this.#room.self > id,
        rtc: this.#rtc,
        clock: client.clock,
        ice: client.ice,
        ...(this.#policy === undefined ? {} : { policy: this.#policy }),
        signal: (body) => void this.#signal(id, body),
        report: (report) => client.report(report),
        failed: (error, where) => client.failed(error, where),
        present: () => this.#room.members.get(id)?.state !== "away",
      },
      this.#stream,
    );
    this.#peers.set(id, peer);
    peer.on("track", (event) => this.#events.emit("track", { peer, ...event }));
    peer.on("state", (state) => this.#events.emit("state", { peer, state }));
    peer.on("turn-error", (error) => this.#events.emit("turn-error", { peer, ...error }));
    peer.on("message", (text) => this.#events.emit("message", { peer, from: id, text }));
    this.#events.emit("peer", peer);
    return peer;
  }

  #part(id: string): void {
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    this.#peers.delete(id);
    peer.close();
    this.#events.emit("peer-left", peer);
  }

  #heard({ from, body }: SignalledFrame): void {
    switch (body.kind) {
      case "description":
      case "candidates": {
        // Only an offer begins something; the rest belongs to a peer that is gone.
        const begins = body.kind === "description" && body.description.type === "offer";
        const peer = begins ? this.#peer(from) : this.#peers.get(from);
        if (peer !== undefined) peer.receive(body);
        else if (begins) void this.#signal(from, { kind: "busy", call: everyone });
        break;
      }
      case "ring":
      case "accept":
      case "decline":
      case "busy":
      case "hangup":
        if (body.kind !== "ring" && body.call === everyone) this.#part(from);
        else this.#ringer.receive(from, body);
        break;
      case "custom":
        break;
      default:
        body satisfies never;
    }
  }

  /** Signals may be among what was missed. What works is left alone; the rest begins anew on both sides. */
  #gap(): void {
    for (const [id, peer] of [...this.#peers]) {
      if (!this.#room.members.has(id)) {
        this.#part(id);
      } else if (!peer.settled) {
        void this.#signal(id, { kind: "hangup", call: everyone, why: "signals were lost" });
        this.#part(id);
      }
    }
    this.#meetAll();
  }

  #reconfigure(held: HeldIce): void {
    // Every resume grants servers; of providers with one login for everybody mostly the same ones.
    const news = keyOf(held.servers) !== keyOf(this.#ice.servers);
    this.#ice = held;
    if (news) for (const peer of this.#peers.values()) peer.reconfigure();
  }

  /** Signals wait for the connection by themselves. A member that has gone meanwhile is no error. */
  async #signal(to: string, body: SignalBody): Promise<void> {
    try {
      await this.#room.signal(to, body);
    } catch (error) {
      const gone = error instanceof Refusal && (error.reason === "unknown_peer" || error.reason === "not_a_member");
      if (!gone && !this.#over) this.#room.client.failed(error, `signal ${body.kind}`);
      if (body.kind === "ring") throw error;
    }
  }

  #watch(): void {
    this.#stopStats = this.#room.client.clock.after(statsEvery, () => {
      for (const peer of this.#peers.values()) if (peer.state === "connected") void this.#measure(peer);
      this.#watch();
    });
  }

  async #measure(peer: Peer): Promise<void> {
    try {
      this.#events.emit("stats", { peer, stats: await peer.stats() });
    } catch (error) {
      if (peer.state !== "closed") this.#room.client.failed(error, "stats");
    }
  }
}

function keyOf(servers: readonly RTCIceServer[]): string {
  return servers.map(({ urls, username, credential }) => [urls, username, credential].join(" ")).join("\n");
}
