// A scripted SDK inside the page: rooms with people of paper, and scenes that would take a cluster and some bad luck.

import { mediaKey } from "../src/media-state.ts";
import type {
  Answer,
  Call,
  CallEvent,
  Client,
  ClientEvent,
  LinkState,
  Member,
  Peer,
  PeerState,
  Refusal,
  Relays,
  RelayWish,
  Room,
  RoomEvent,
  Route,
  Sdk,
  Settings,
} from "../src/sdk.ts";
import { paperPerson, paperScreen } from "./paper-people.ts";

const names = [
  "Ada Okafor",
  "Bruno Lindqvist",
  "Chiyo Tanaka",
  "Dario Ferri",
  "Esi Mensah",
  "Farid Nasser",
  "Greta Holm",
  "Hugo Pires",
];
const paperZones = [
  { id: "eu", label: "Europe", labels: { de: "Europa", fr: "Europe" } },
  { id: "us", label: "North America", labels: { de: "Nordamerika" } },
  { id: "ap", label: "Asia and Pacific", labels: { de: "Asien und Pazifik" } },
];
const self = "me";

export function fakeSdk(query: URLSearchParams): Sdk {
  return { client: async () => new FakeClient(query) };
}

class Told<Event> {
  readonly #listeners = new Set<(event: Event) => void>();
  on(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  tell(event: Event): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

class FakeClient implements Client {
  state: LinkState = "open";
  relays: Relays;
  readonly #told = new Told<ClientEvent>();
  readonly #query: URLSearchParams;
  readonly #scene: string;
  #guesses = 0;

  constructor(query: URLSearchParams) {
    this.#query = query;
    const relayless = query.get("scene") === "relayless";
    this.relays = { degraded: relayless, zone: "eu", zones: query.has("zones") ? paperZones : [] };
    this.#scene = query.get("scene") ?? "";
    // For tests and for playing by hand: heliographFake.link("reconnecting")
    Object.assign(window, {
      heliographFake: {
        link: (state: LinkState) => this.#link(state),
        degrade: (missing: readonly string[]) => this.#told.tell({ type: "degraded", missing }),
        takeOver: () => this.#told.tell({ type: "taken_over" }),
      },
    });
  }

  on(listener: (event: ClientEvent) => void): () => void {
    return this.#told.on(listener);
  }

  wishFor({ zone }: RelayWish): void {
    const { zones } = this.relays;
    this.relays = { ...this.relays, zone: zones.find(({ id }) => id === zone)?.id ?? zones[0]?.id };
    this.#told.tell({ type: "relays" });
  }

  async join(name: string, wish: { readonly pin?: string; readonly profile: { readonly name?: string } }) {
    const refusal = this.#refusal(wish.pin);
    if (refusal !== undefined) return { ok: false, refusal } as const;
    const others = Number(this.#query.get("people") ?? 3);
    const room = new FakeRoom(name, wish.profile.name ?? "", others, this.#scene);
    if (this.#scene === "reconnecting") this.#link("reconnecting");
    return { ok: true, room } as const;
  }

  call(room: Room): Call {
    return new FakeCall(room, this.#scene);
  }

  close(): void {
    this.state = "closed";
  }

  #refusal(pin: string | undefined): Refusal | undefined {
    switch (this.#scene) {
      case "pin":
        if (pin === undefined) return { reason: "pin_required", retry: false };
        if (pin === "1234") return undefined;
        this.#guesses += 1;
        return this.#guesses > 3
          ? { reason: "too_many_guesses", retry: true, retryIn: 20_000 }
          : { reason: "pin_wrong", retry: false };
      case "full":
        return { reason: "full", retry: true };
      case "locked":
      case "banned":
        return { reason: this.#scene, retry: false };
      default:
        return undefined;
    }
  }

  #link(state: LinkState): void {
    this.state = state;
    this.#told.tell({ type: "state" });
  }
}

class FakeRoom implements Room {
  readonly self = self;
  readonly members = new Map<string, Member>();
  readonly #data = new Map<string, unknown>();
  settings: Settings = { capacity: 0, pin: false, locked: false };
  readonly #told = new Told<RoomEvent>();

  readonly name: string;

  constructor(name: string, own: string, others: number, scene: string) {
    this.name = name;
    this.members.set(self, {
      id: self,
      profile: { name: own },
      role: scene === "guest" ? "participant" : "moderator",
      state: "present",
    });
    for (let index = 0; index < others; index += 1) {
      const id = `paper-${index}`;
      const away = scene === "reconnecting" && index < 2;
      const host = scene === "guest" && index === 0;
      this.members.set(id, {
        id,
        profile: { name: names[index % names.length] ?? "" },
        role: host ? "moderator" : "participant",
        state: away ? "away" : "present",
      });
      this.#data.set(mediaKey(id), {
        audio: index % 2 === 0,
        video: index % 4 !== 2,
        screen: scene === "screen" && index === 0,
      });
    }
    this.#play(scene);
    Object.assign(window, {
      heliographRoom: {
        tell: (event: RoomEvent) => this.#told.tell(event),
        arrive: (id: string, called: string) => {
          const member: Member = { id, profile: { name: called }, role: "participant", state: "present" };
          this.members.set(id, member);
          this.#told.tell({ type: "arrived", member });
        },
      },
    });
  }

  shared(key: string): unknown {
    return this.#data.get(key);
  }

  on(listener: (event: RoomEvent) => void): () => void {
    return this.#told.on(listener);
  }

  async broadcast(): Promise<Answer> {
    return undefined;
  }

  async share(key: string, value: unknown): Promise<Answer> {
    this.#data.set(key, value);
    return undefined;
  }

  async set(wish: Partial<{ capacity: number; pin: string | null; locked: boolean }>): Promise<Answer> {
    const { pin, ...rest } = wish;
    this.settings = { ...this.settings, ...rest, ...(pin === undefined ? {} : { pin: pin !== null }) };
    this.#told.tell({ type: "settings" });
    return undefined;
  }

  async remove(id: string): Promise<Answer> {
    const member = this.members.get(id);
    if (member === undefined) return { reason: "unknown_peer", retry: false };
    this.members.delete(id);
    this.#told.tell({ type: "left", member });
    return undefined;
  }

  ban(id: string): Promise<Answer> {
    return this.remove(id);
  }

  async mute(id: string): Promise<Answer> {
    this.#data.set(mediaKey(id), { audio: false, video: true, screen: false });
    this.#told.tell({ type: "data" });
    return undefined;
  }

  async promote(id: string): Promise<Answer> {
    const member = this.members.get(id);
    if (member !== undefined) this.members.set(id, { ...member, role: "moderator" });
    this.#told.tell({ type: "members" });
    return undefined;
  }

  async leave(): Promise<Answer> {
    return undefined;
  }

  #play(scene: string): void {
    const chat = (from: number, text: string) =>
      this.#told.tell({ type: "broadcast", from: `paper-${from}`, body: { kind: "chat", text } });
    setTimeout(() => {
      if (scene === "alone") return;
      chat(0, "Good morning! Can everybody see me?");
      chat(1, "Loud and clear ☀");
      if (scene === "gap")
        this.#told.tell({ type: "gap", gap: { from: "1042.0", to: "1097.3", reason: "log_restarted" } });
      chat(2, "My camera is off, I am on the train. <b>Not bold</b> https://example.org/notes");
      if (scene === "muted") this.#told.tell({ type: "muted", by: "paper-0", member: self, media: "audio" });
    }, 400);
  }
}

class FakeCall implements Call {
  readonly peers = new Map<string, Peer>();
  readonly #told = new Told<CallEvent>();

  constructor(room: Room, scene: string) {
    let index = 0;
    for (const id of room.members.keys()) {
      if (id === self) continue;
      const state =
        scene === "reconnecting" && index === 1
          ? "disconnected"
          : scene === "reconnecting" && index === 2
            ? "failed"
            : "connected";
      const routes: readonly Route[] = [
        { local: "host", remote: "host", roundTrip: 2 },
        { local: "srflx", remote: "host", roundTrip: 31 },
        { local: "relay", remote: "relay", roundTrip: 74 },
      ];
      const stream =
        scene === "screen" && index === 0 ? paperScreen() : index % 4 === 2 ? undefined : paperPerson(index);
      this.peers.set(id, fakePeer(id, state, stream, routes[index % 3] ?? {}));
      index += 1;
    }
    room.on((event) => {
      if (event.type === "left") this.peers.delete(event.member.id);
      this.#told.tell({ type: "peers" });
    });
    setTimeout(() => this.#told.tell({ type: "message", from: "paper-0", text: scene === "wave" ? "wave" : "" }), 700);
  }

  on(listener: (event: CallEvent) => void): () => void {
    return this.#told.on(listener);
  }

  setStream(): void {}
  send(): void {}
  close(): void {}
}

function fakePeer(id: string, state: PeerState, stream: MediaStream | undefined, route: Route): Peer {
  return { id, state, stream, route: async () => route, restartIce: () => undefined };
}
