// A room, a call and a client that do what a test says: for tests of the page's stores.
import type {
  Answer,
  Call,
  CallEvent,
  Client,
  ClientEvent,
  Joined,
  LinkState,
  Member,
  Peer,
  PeerState,
  Refusal,
  Relays,
  RelayWish,
  Room,
  RoomEvent,
  Sdk,
  Settings,
} from "../src/sdk.ts";

export class Listeners<Event> {
  readonly #listeners = new Set<(event: Event) => void>();
  on(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  tell(event: Event): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

export class ScriptedRoom implements Room {
  readonly name: string;
  readonly self = "me";
  readonly members = new Map<string, Member>();
  readonly values = new Map<string, unknown>();
  readonly listeners = new Listeners<RoomEvent>();
  /** Everything that was asked of the room. */
  readonly asked: unknown[][] = [];
  settings: Settings = { capacity: 0, pin: false, locked: false };
  answer: Answer = undefined;

  constructor(name: string) {
    this.name = name;
    this.put("me", "Maya", "moderator");
  }

  put(id: string, name: string, role: Member["role"] = "participant"): Member {
    const member: Member = { id, profile: { name }, role, state: "present" };
    this.members.set(id, member);
    return member;
  }

  on(listener: (event: RoomEvent) => void): () => void {
    return this.listeners.on(listener);
  }
  shared(key: string): unknown {
    return this.values.get(key);
  }
  broadcast(value: unknown): Promise<Answer> {
    return this.#asked("broadcast", value);
  }
  share(key: string, value: unknown): Promise<Answer> {
    return this.#asked("share", key, value);
  }
  set(wish: unknown): Promise<Answer> {
    return this.#asked("set", wish);
  }
  remove(member: string): Promise<Answer> {
    return this.#asked("remove", member);
  }
  ban(member: string): Promise<Answer> {
    return this.#asked("ban", member);
  }
  mute(member: string, media: string): Promise<Answer> {
    return this.#asked("mute", member, media);
  }
  promote(member: string, role: string): Promise<Answer> {
    return this.#asked("promote", member, role);
  }
  leave(): Promise<Answer> {
    return this.#asked("leave");
  }

  async #asked(...asked: unknown[]): Promise<Answer> {
    this.asked.push(asked);
    return this.answer;
  }
}

export class ScriptedCall implements Call {
  readonly peers = new Map<string, Peer>();
  readonly listeners = new Listeners<CallEvent>();
  readonly sent: string[] = [];
  streams = 0;
  closed = false;

  on(listener: (event: CallEvent) => void): () => void {
    return this.listeners.on(listener);
  }
  connect(id: string, state: PeerState): void {
    const route = async () => ({ local: "host", remote: "host", roundTrip: 3 });
    this.peers.set(id, { id, state, stream: undefined, route, restartIce: () => this.sent.push(`restart ${id}`) });
    this.listeners.tell({ type: "peers" });
  }
  setStream(): void {
    this.streams += 1;
  }
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.closed = true;
  }
}

export class ScriptedClient implements Client {
  state: LinkState = "open";
  relays: Relays = { degraded: false, zone: undefined, zones: [] };
  /** What was wished for after the client was made. */
  readonly wishes: RelayWish[] = [];
  readonly listeners = new Listeners<ClientEvent>();
  readonly #sdk: ScriptedSdk;

  constructor(sdk: ScriptedSdk) {
    this.#sdk = sdk;
  }
  on(listener: (event: ClientEvent) => void): () => void {
    return this.listeners.on(listener);
  }
  wishFor(wish: RelayWish): void {
    this.wishes.push(wish);
  }
  hear(relays: Relays): void {
    this.relays = relays;
    this.listeners.tell({ type: "relays" });
  }
  async join(name: string, wish: { readonly pin?: string }): Promise<Joined> {
    this.#sdk.joins.push({ name, pin: wish.pin });
    const refusal = this.#sdk.refusals.shift();
    if (refusal !== undefined) return { ok: false, refusal };
    const room = new ScriptedRoom(name);
    this.#sdk.rooms.push(room);
    return { ok: true, room };
  }
  call(): Call {
    const call = new ScriptedCall();
    this.#sdk.calls.push(call);
    return call;
  }
  close(): void {
    this.state = "closed";
  }
}

export class ScriptedSdk implements Sdk {
  /** What the next joins are refused with, in order; then they succeed. */
  readonly refusals: Refusal[] = [];
  readonly joins: { readonly name: string; readonly pin: string | undefined }[] = [];
  readonly clients: ScriptedClient[] = [];
  readonly codecs: string[] = [];
  /** With which each client was made. */
  readonly wishes: RelayWish[] = [];
  readonly rooms: ScriptedRoom[] = [];
  readonly calls: ScriptedCall[] = [];

  async client(_url: string, codec: string, wish: RelayWish): Promise<ScriptedClient> {
    this.wishes.push(wish);
    const client = new ScriptedClient(this);
    this.clients.push(client);
    this.codecs.push(codec);
    return client;
  }
}
