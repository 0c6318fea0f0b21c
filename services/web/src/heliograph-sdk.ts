// The SDK as the page uses it: rejections become values, its many events one union per thing.
import type { ClientCodec, MemberView, Peer as SdkPeer, Room as SdkRoom } from "@heliograph/client";
import { Heliograph, Call as SdkCall, Refusal as SdkRefusal } from "@heliograph/client";
import { pageClock } from "./clock.ts";
import type {
  Answer,
  Call,
  CallEvent,
  Client,
  ClientEvent,
  Joined,
  Member,
  Off,
  Peer,
  Refusal,
  Room,
  RoomEvent,
  Sdk,
} from "./sdk.ts";
import type { CodecName } from "./settings.ts";

/** The SDK never gives up connecting; a person in front of a button does. */
const patienceToConnect = 12_000;

export const heliographSdk: Sdk = {
  async client(url, codec) {
    const loaded = await codecOf(codec);
    return new SdkBackedClient(
      new Heliograph({ url, client: { name: "heliograph-web", version: "0.1.0" }, ...loaded }),
    );
  },
};

/** MessagePack is a piece of its own, so that pages on JSON do not load it. */
async function codecOf(name: CodecName): Promise<{ codec?: ClientCodec }> {
  if (name === "json") return {};
  const { msgpack } = await import("@heliograph/client/msgpack");
  return { codec: msgpack() };
}

class SdkBackedClient implements Client {
  readonly #client: Heliograph;
  readonly #rooms = new Map<Room, SdkRoom>();

  constructor(client: Heliograph) {
    this.#client = client;
    // Nothing a person could act upon, and just what a developer who opens the console looks for.
    client.on("error", ({ error, where }) => console.warn(`heliograph: ${where}`, error));
  }

  get state(): Client["state"] {
    return this.#client.state;
  }

  on(listener: (event: ClientEvent) => void): Off {
    return all([
      this.#client.on("state", () => listener({ type: "state" })),
      this.#client.on("degraded", ({ missing }) => listener({ type: "degraded", missing })),
      this.#client.on("taken_over", () => listener({ type: "taken_over" })),
    ]);
  }

  async join(name: string, wish: Parameters<Client["join"]>[1]): Promise<Joined> {
    const refusal = await this.#connect();
    if (refusal !== undefined) return { ok: false, refusal };
    try {
      const joined = await this.#client.join(name, wish);
      const room = new SdkBackedRoom(joined);
      this.#rooms.set(room, joined);
      return { ok: true, room };
    } catch (error) {
      return { ok: false, refusal: refusalOf(error) };
    }
  }

  call(room: Room, stream: MediaStream | undefined): Call {
    const joined = this.#rooms.get(room);
    if (joined === undefined) throw new Error("A call needs a room that this client has joined.");
    return new SdkBackedCall(new SdkCall(joined, stream === undefined ? {} : { stream }));
  }

  close(): void {
    this.#client.close();
  }

  async #connect(): Promise<Answer> {
    const late = new Promise<Answer>((resolve) => {
      pageClock.after(patienceToConnect, () => resolve({ reason: "unreachable", retry: true }));
    });
    const refusal = await Promise.race([answered(this.#client.connect()), late]);
    if (refusal?.reason === "unreachable") this.#client.close();
    return refusal;
  }
}

class SdkBackedRoom implements Room {
  readonly #room: SdkRoom;
  /** As they were last seen: who has left is told of by name. */
  readonly #seen: Map<string, MemberView>;

  constructor(room: SdkRoom) {
    this.#room = room;
    this.#seen = new Map(room.members);
  }

  get name(): string {
    return this.#room.name;
  }
  get self(): string {
    return this.#room.self;
  }
  get members(): ReadonlyMap<string, Member> {
    return this.#room.members;
  }
  get settings(): Room["settings"] {
    return this.#room.settings;
  }

  shared(key: string): unknown {
    return this.#room.data.get(key)?.value;
  }

  on(listener: (event: RoomEvent) => void): Off {
    return all([
      this.#room.on("member", (event) => {
        switch (event.change) {
          case "joined":
            this.#seen.set(event.member.id, event.member);
            return listener(
              event.member.id === this.self ? { type: "members" } : { type: "arrived", member: event.member },
            );
          case "left":
            return this.#gone(event.id, listener);
          case "back":
          case "updated":
          case "away":
            this.#seen.set(event.member.id, event.member);
            return listener({ type: "members" });
          case "count":
            return listener({ type: "members" });
          default:
            return event satisfies never;
        }
      }),
      this.#room.on("broadcast", ({ from, body }) => listener({ type: "broadcast", from, body })),
      this.#room.on("data", () => listener({ type: "data" })),
      this.#room.on("settings", () => listener({ type: "settings" })),
      this.#room.on("moderated", (event) => {
        switch (event.action) {
          case "mute":
            return listener({ type: "muted", by: event.by, member: event.member, media: event.media });
          case "remove":
          case "ban":
            // One's own removal ends the stay, which is told by itself.
            return event.member === this.self ? undefined : this.#gone(event.member, listener);
          case "unban":
          case "role":
            return listener({ type: "members" });
          default:
            return event satisfies never;
        }
      }),
      this.#room.on("gap", (gap) => listener({ type: "gap", gap })),
      // What changed while nobody listened is in the members by now.
      this.#room.on("resumed", () => listener({ type: "members" })),
      this.#room.on("left", ({ why }) => {
        switch (why) {
          case "removed":
          case "banned":
            return listener({ type: "removed", banned: why === "banned" });
          case "lost":
          case "expired":
            return listener({ type: "over" });
          case "left":
          case "closed":
            return undefined;
          default:
            return why satisfies never;
        }
      }),
    ]);
  }

  broadcast(value: unknown): Promise<Answer> {
    return answered(this.#room.broadcast(value));
  }
  share(key: string, value: unknown): Promise<Answer> {
    return answered(this.#room.setData(key, value, { owned: true }));
  }
  set(wish: Parameters<Room["set"]>[0]): Promise<Answer> {
    return answered(this.#room.set(wish));
  }
  remove(member: string): Promise<Answer> {
    return answered(this.#room.remove(member));
  }
  ban(member: string): Promise<Answer> {
    return answered(this.#room.ban(member));
  }
  mute(member: string, media: Parameters<Room["mute"]>[1]): Promise<Answer> {
    return answered(this.#room.mute(member, media));
  }
  promote(member: string, role: Parameters<Room["promote"]>[1]): Promise<Answer> {
    return answered(this.#room.setRole(member, role));
  }
  leave(): Promise<Answer> {
    return answered(this.#room.leave());
  }

  #gone(id: string, listener: (event: RoomEvent) => void): void {
    const member = this.#seen.get(id);
    listener(member === undefined ? { type: "members" } : { type: "left", member });
  }
}

class SdkBackedCall implements Call {
  readonly #call: SdkCall;
  readonly #peers = new Map<string, SdkBackedPeer>();
  readonly #told = new Set<(event: CallEvent) => void>();

  constructor(call: SdkCall) {
    this.#call = call;
    call.on("peer", (peer) => {
      this.#peers.set(peer.id, new SdkBackedPeer(peer));
      peer.on("renewed", () => this.#tell({ type: "peers" }));
      this.#tell({ type: "peers" });
    });
    call.on("peer-left", (peer) => {
      this.#peers.delete(peer.id);
      this.#tell({ type: "peers" });
    });
    call.on("track", ({ peer, track }) => {
      this.#peers.get(peer.id)?.take(track);
      this.#tell({ type: "peers" });
    });
    call.on("state", () => this.#tell({ type: "peers" }));
    call.on("message", ({ from, text }) => this.#tell({ type: "message", from, text }));
  }

  get peers(): ReadonlyMap<string, Peer> {
    return this.#peers;
  }

  on(listener: (event: CallEvent) => void): Off {
    this.#told.add(listener);
    return () => this.#told.delete(listener);
  }

  setStream(stream: MediaStream | undefined): void {
    void this.#call.setStream(stream);
  }
  send(text: string): void {
    this.#call.send(text);
  }
  close(): void {
    this.#call.hangUp();
  }

  #tell(event: CallEvent): void {
    for (const listener of [...this.#told]) listener(event);
  }
}

class SdkBackedPeer implements Peer {
  readonly #peer: SdkPeer;
  /**
   * All that the peer sends, in one stream: whoever turned the camera on later than the microphone may send each in a
   * stream of its own, and a tile plays one. Another object whenever tracks change, so that views notice.
   */
  #stream: MediaStream | undefined;

  constructor(peer: SdkPeer) {
    this.#peer = peer;
    peer.on("renewed", () => {
      this.#stream = undefined;
    });
  }

  get id(): string {
    return this.#peer.id;
  }
  get state(): Peer["state"] {
    return this.#peer.state;
  }
  get stream(): MediaStream | undefined {
    return this.#stream;
  }

  take(track: MediaStreamTrack): void {
    const others =
      this.#stream?.getTracks().filter((known) => known.id !== track.id && known.readyState === "live") ?? [];
    this.#stream = new MediaStream([...others, track]);
  }
  async route(): Promise<Awaited<ReturnType<Peer["route"]>>> {
    try {
      return await this.#peer.stats();
    } catch (error) {
      // The connection was closed while it was asked.
      if (error instanceof DOMException) return {};
      throw error;
    }
  }
  restartIce(): void {
    this.#peer.restartIce();
  }
}

async function answered(asked: Promise<unknown>): Promise<Answer> {
  try {
    await asked;
    return undefined;
  } catch (error) {
    return refusalOf(error);
  }
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof SdkRefusal) return error;
  // OutcomeUnknown and ConnectionOver: nobody will answer any more.
  return { reason: "unknown", retry: false, detail: error instanceof Error ? error.message : undefined };
}

function all(offs: readonly Off[]): Off {
  return () => {
    for (const off of offs) off();
  };
}
