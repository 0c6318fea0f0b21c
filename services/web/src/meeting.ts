// The room the person is in, as the page shows it: people, connections, chat, and what may be done to whom.
import type { ReadonlySignal, Signal } from "@preact/signals";
import { computed, effect, signal } from "@preact/signals";
import type { Chat } from "./chat.ts";
import type { Clock, Stop } from "./clock.ts";
import type { LocalMedia } from "./media.ts";
import type { MediaState } from "./media-state.ts";
import { mediaKey, parseMediaState, untold } from "./media-state.ts";
import type { Notices } from "./notices.ts";
import { whyNot } from "./prompt.ts";
import type {
  Answer,
  Call,
  CallEvent,
  Client,
  LinkState,
  Media,
  Member,
  PeerState,
  Role,
  Room,
  RoomEvent,
  Route,
  Settings,
  SettingsWish,
} from "./sdk.ts";

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly picture: string | undefined;
  readonly role: Role;
  readonly away: boolean;
  readonly self: boolean;
  readonly media: MediaState;
}

/** The connection to one other person. */
export interface Tie {
  readonly state: PeerState;
  readonly stream: MediaStream | undefined;
  readonly route: Route | undefined;
  /** Has been on its way for longer than that should take. */
  readonly slow: boolean;
}

export type Panel = "chat" | "people";

export interface MeetingParts {
  readonly client: Client;
  readonly room: Room;
  readonly call: Call;
  readonly media: LocalMedia;
  readonly chat: Chat;
  readonly notices: Notices;
  readonly clock: Clock;
}

const routeRate = 2000;
const waveFor = 4000;
/** Milliseconds in which a connection should stand; relays and bad networks included. */
const patience = 10_000;
/** What a wave is, over the data channel. */
const wave = "wave";

/** What a person can be told of the codes of relay servers (RFC 8489, RFC 8656). */
const relayTrouble: ReadonlyMap<number, string> = new Map([
  [401, "The relay server does not let you in. Whoever can only be reached through it may stay dark and silent."],
  [486, "You use as many relays as one person may. Whoever needs a further one may stay dark and silent."],
  [508, "The relay server is full. Whoever can only be reached through it may stay dark and silent."],
]);

export class Meeting {
  readonly name: string;
  readonly chat: Chat;
  readonly media: LocalMedia;
  /** In the order in which they came. */
  readonly people: Signal<readonly Person[]> = signal([]);
  readonly ties: Signal<ReadonlyMap<string, Tie>> = signal(new Map());
  readonly settings: Signal<Settings>;
  readonly link: Signal<LinkState>;
  readonly degraded = signal(false);
  /** There is no relay just now, and there should be. */
  readonly relayless: Signal<boolean>;
  /** Who is waving just now. */
  readonly waving: Signal<ReadonlySet<string>> = signal(new Set());
  readonly panel: Signal<Panel | undefined> = signal(undefined);
  readonly me: ReadonlySignal<Person | undefined> = computed(() => this.people.value.find((person) => person.self));
  readonly host: ReadonlySignal<boolean> = computed(() => this.me.value?.role === "moderator");

  readonly #parts: MeetingParts;
  readonly #routes = new Map<string, Route>();
  /** In which state each connection is, and since when. */
  readonly #since = new Map<string, { readonly state: PeerState; readonly at: number }>();
  readonly #troubles = new Set<string>();
  readonly #stops: Stop[] = [];

  constructor(parts: MeetingParts) {
    const { client, room, call, media, clock } = parts;
    this.#parts = parts;
    this.name = room.name;
    this.chat = parts.chat;
    this.media = media;
    this.settings = signal(room.settings);
    this.link = signal(client.state);
    this.relayless = signal(client.relays.degraded);
    this.#meet();
    this.#tie();
    this.#stops.push(
      client.on((event) => {
        this.link.value = client.state;
        if (event.type === "degraded") this.degraded.value = event.missing.length > 0;
        if (event.type === "relays") this.relayless.value = client.relays.degraded;
      }),
      room.on((event) => this.#roomSays(event)),
      call.on((event) => this.#callSays(event)),
      clock.every(routeRate, () => void this.#measure()),
      effect(() => call.setStream(media.outgoing())),
      effect(() => void room.share(mediaKey(room.self), media.state.value)),
      effect(() => {
        this.chat.reading = this.panel.value === "chat";
      }),
    );
  }

  /** Lets go of everything without telling the room: see `leave`. */
  end(): void {
    for (const stop of this.#stops) stop();
    this.#parts.call.close();
  }

  async leave(): Promise<void> {
    this.end();
    await this.#parts.room.leave();
  }

  toggle(panel: Panel): void {
    this.panel.value = this.panel.peek() === panel ? undefined : panel;
  }

  say(text: string): Promise<void> {
    return this.chat.say(this.me.peek()?.name ?? "", text);
  }

  wave(): void {
    this.#parts.call.send(wave);
    this.#wave(this.#parts.room.self);
    this.#parts.notices.whisper("You waved");
  }

  /** A connection that does not recover by itself gets new candidates. */
  reconnect(person: string): void {
    this.#parts.call.peers.get(person)?.restartIce();
  }

  set(wish: SettingsWish, done: string): Promise<boolean> {
    return this.#asked(this.#parts.room.set(wish), done, "That could not be changed");
  }

  askToMute(person: Person, media: Media): Promise<boolean> {
    return this.#asked(
      this.#parts.room.mute(person.id, media),
      `${person.name} is muted`,
      `${person.name} was not muted`,
    );
  }

  remove(person: Person): Promise<boolean> {
    return this.#asked(this.#parts.room.remove(person.id), "", `${person.name} is still here`);
  }

  ban(person: Person): Promise<boolean> {
    return this.#asked(this.#parts.room.ban(person.id), "", `${person.name} is still here`);
  }

  makeHost(person: Person): Promise<boolean> {
    return this.#asked(
      this.#parts.room.promote(person.id, "moderator"),
      `${person.name} is a host now`,
      "That could not be changed",
    );
  }

  async #asked(answer: Promise<Answer>, done: string, failed: string): Promise<boolean> {
    const refusal = await answer;
    if (refusal !== undefined) this.#parts.notices.ask(`${failed}: ${whyNot(refusal)}.`);
    else if (done !== "") this.#parts.notices.tell(done);
    return refusal === undefined;
  }

  #roomSays(event: RoomEvent): void {
    const { chat, notices, media, room } = this.#parts;
    if (event.type !== "gap" && event.type !== "over") chat.noteActivity();
    switch (event.type) {
      case "arrived":
      case "left":
        notices.tell(`${nameOf(event.member)} ${event.type === "left" ? "left" : "joined"}`);
        return this.#meet();
      case "members":
      case "data":
        return this.#meet();
      case "settings":
        return this.#settingsChanged();
      case "broadcast": {
        const name = this.#nameOf(event.from);
        const text = chat.hear(name, event.body);
        // An open chat is a live region itself.
        if (text !== undefined && this.panel.peek() !== "chat") notices.whisper(`${name} says: ${text}`);
        return;
      }
      case "muted":
        if (event.member === room.self && event.by !== room.self) {
          void media.obeyMute(event.media);
          const unmute = { label: "Unmute", run: () => void media.toggleMicrophone() };
          const says = event.media === "video" ? "turned your camera off" : "muted you";
          notices.ask(`${this.#nameOf(event.by)} ${says}.`, event.media === "video" ? undefined : unmute);
        }
        return;
      case "gap":
        chat.miss(event.gap);
        this.#meet();
        return this.#settingsChanged();
      case "removed":
      case "over":
        return;
      default:
        return event satisfies never;
    }
  }

  #callSays(event: CallEvent): void {
    switch (event.type) {
      case "peers":
        return this.#tie();
      case "no-relay":
        return this.#noRelay(event.code);
      case "message":
        if (event.text !== wave) return;
        this.#wave(event.from);
        return this.#parts.notices.whisper(`${this.#nameOf(event.from)} waves`);
      default:
        return event satisfies never;
    }
  }

  /** Once in a call: every further connection meets the same. A server that is not reached is no news behind a firewall. */
  #noRelay(code: number): void {
    const says = relayTrouble.get(code);
    if (says === undefined || this.#troubles.has(says)) return;
    this.#troubles.add(says);
    this.#parts.notices.ask(says);
  }

  #settingsChanged(): void {
    const before = this.settings.peek();
    const now = this.#parts.room.settings;
    this.settings.value = now;
    if (now.locked !== before.locked)
      this.#parts.notices.tell(now.locked ? "The room is locked" : "The room is open again");
    if (now.pin !== before.pin)
      this.#parts.notices.tell(now.pin ? "The room has a PIN now" : "The room has no PIN any more");
  }

  #meet(): void {
    const { room } = this.#parts;
    this.people.value = [...room.members.values()].map((member) => ({
      id: member.id,
      name: nameOf(member),
      picture: member.profile.picture,
      role: member.role,
      away: member.state === "away",
      self: member.id === room.self,
      media: parseMediaState(room.shared(mediaKey(member.id))) ?? untold,
    }));
  }

  #tie(): void {
    const { call, clock } = this.#parts;
    for (const id of this.#since.keys()) if (!call.peers.has(id)) this.#since.delete(id);
    const ties = new Map<string, Tie>();
    for (const [id, { state, stream }] of call.peers) {
      const known = this.#since.get(id);
      const since = known?.state === state ? known : { state, at: clock.now() };
      this.#since.set(id, since);
      const connected = state === "connected";
      if (!connected) this.#routes.delete(id);
      const slow = !connected && clock.now() - since.at >= patience;
      ties.set(id, { state, stream, route: this.#routes.get(id), slow });
    }
    this.ties.value = ties;
  }

  async #measure(): Promise<void> {
    const connected = [...this.#parts.call.peers.values()].filter((peer) => peer.state === "connected");
    await Promise.all(connected.map(async (peer) => this.#routes.set(peer.id, await peer.route())));
    this.#tie();
  }

  #wave(person: string): void {
    this.waving.value = new Set([...this.waving.peek(), person]);
    this.#parts.clock.after(waveFor, () => {
      this.waving.value = new Set([...this.waving.peek()].filter((id) => id !== person));
    });
  }

  #nameOf(id: string): string {
    const member = this.#parts.room.members.get(id);
    return member === undefined ? "Somebody who left" : nameOf(member);
  }
}

function nameOf(member: Member): string {
  const name = member.profile.name?.trim() ?? "";
  return name === "" ? "Guest" : name;
}
