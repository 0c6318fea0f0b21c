// One person's way through the page: lobby, joining, call, and how it ended.
import type { Signal } from "@preact/signals";
import { signal, untracked } from "@preact/signals";
import { Chat } from "./chat.ts";
import type { Clock } from "./clock.ts";
import type { LocalMedia } from "./media.ts";
import { Meeting } from "./meeting.ts";
import type { Notices } from "./notices.ts";
import type { Prompt } from "./prompt.ts";
import { promptFor } from "./prompt.ts";
import { RelayWishes } from "./relays.ts";
import { roomPath } from "./room-link.ts";
import type { Client, ClientEvent, Off, Room, RoomEvent, Sdk } from "./sdk.ts";
import type { CodecName, Settings, Shelf } from "./settings.ts";

export type Ending = "left" | "removed" | "banned" | "moved";

export type Stage =
  | { readonly at: "lobby" }
  | { readonly at: "joining" }
  | { readonly at: "call"; readonly meeting: Meeting }
  | { readonly at: "ended"; readonly why: Ending };

export interface VisitParts {
  readonly sdk: Sdk;
  /** Where the native socket is. */
  readonly url: string;
  readonly media: LocalMedia;
  readonly settings: Settings;
  readonly notices: Notices;
  readonly clock: Clock;
  /** Lives as long as the tab: a page that is reloaded in a call goes straight back into it. */
  readonly tab: Shelf;
  /** The person's, the best first (BCP 47). */
  readonly languages?: readonly string[];
  /** What the server's paths begin with; `/` without it. */
  readonly base?: string;
  /** Shows this path in the address bar. */
  readonly show: (path: string) => void;
}

const inCall = "heliograph.in-call";
const patienceToLeave = 1500;

export class Visit {
  readonly stage: Signal<Stage> = signal({ at: "lobby" });
  readonly prompt: Signal<Prompt | undefined> = signal(undefined);
  /** The room to join: typed, or from the link. */
  readonly room: Signal<string>;
  readonly media: LocalMedia;
  readonly settings: Settings;
  readonly notices: Notices;
  readonly relays: RelayWishes;
  readonly #parts: VisitParts;
  #client: { readonly codec: CodecName; readonly client: Client; readonly off: Off } | undefined;
  #chat: Chat | undefined;
  #inside: Room | undefined;
  #pin: string | undefined;

  constructor(parts: VisitParts, room: string) {
    this.#parts = parts;
    this.room = signal(room);
    this.media = parts.media;
    this.settings = parts.settings;
    this.notices = parts.notices;
    this.relays = new RelayWishes(parts.settings, parts.languages ?? []);
  }

  /** Back into the call that was going on when the page was reloaded; otherwise the lobby, with a preview. */
  async start(): Promise<void> {
    const back = this.#parts.tab.getItem(inCall) === this.room.peek();
    if (back) this.stage.value = { at: "joining" };
    await this.media.start();
    if (back) await this.join();
  }

  /** @param pin what the person typed when asked; otherwise the one that worked before */
  async join(pin = this.#pin): Promise<void> {
    const room = this.room.peek();
    this.prompt.value = undefined;
    this.stage.value = { at: "joining" };
    await this.media.start();
    const client = await this.#connected();
    const name = this.settings.name.peek().trim();
    const joined = await client.join(room, {
      ...(pin === undefined ? {} : { pin }),
      profile: name === "" ? {} : { name },
    });
    if (!joined.ok) {
      this.#parts.tab.removeItem(inCall);
      this.stage.value = { at: "lobby" };
      this.prompt.value = promptFor(joined.refusal, room);
      return;
    }
    this.#pin = pin;
    this.#enter(client, joined.room);
  }

  /** Turns away from the room that asked for a PIN, was full or locked. */
  giveUp(): void {
    this.prompt.value = undefined;
  }

  async leave(): Promise<void> {
    const stage = this.stage.peek();
    if (stage.at !== "call") return;
    this.#end("left");
    // Cut off, the room cannot be told and will notice by itself: nobody waits for that.
    const patience = new Promise<void>((resolve) => this.#parts.clock.after(patienceToLeave, resolve));
    await Promise.race([stage.meeting.leave(), patience]);
    this.#disconnect();
  }

  backToLobby(): void {
    this.stage.value = { at: "lobby" };
    void this.media.start();
  }

  #enter(client: Client, room: Room): void {
    const { notices, clock, media, tab } = this.#parts;
    // The same chat goes on when the session ended and the person joined anew.
    this.#chat ??= new Chat(
      async (body) =>
        this.#inside === undefined ? { reason: "not_a_member", retry: false } : this.#inside.broadcast(body),
      () => clock.now(),
    );
    this.#inside = room;
    const call = client.call(
      room,
      untracked(() => media.outgoing()),
    );
    const meeting = new Meeting({ client, room, call, media, chat: this.#chat, notices, clock });
    room.on((event) => this.#roomSays(event, meeting));
    client.on((event) => this.#clientSays(event, meeting));
    tab.setItem(inCall, room.name);
    this.#parts.show(roomPath(room.name, this.#parts.base));
    this.stage.value = { at: "call", meeting };
  }

  #roomSays(event: RoomEvent, meeting: Meeting): void {
    if (!this.#current(meeting)) return;
    if (event.type === "removed") this.#thrownOut(meeting, event.banned ? "banned" : "removed");
    if (event.type === "over") void this.#joinAnew(meeting);
  }

  #clientSays(event: ClientEvent, meeting: Meeting): void {
    if (!this.#current(meeting)) return;
    if (event.type === "taken_over") this.#thrownOut(meeting, "moved");
  }

  #current(meeting: Meeting): boolean {
    const stage = this.stage.peek();
    return stage.at === "call" && stage.meeting === meeting;
  }

  /** Away for longer than the room waits, as a closed laptop is: back in as somebody new, and told so. */
  async #joinAnew(meeting: Meeting): Promise<void> {
    const { panel } = meeting;
    meeting.end();
    this.#chat?.miss({ from: "", to: "", reason: "expired" });
    await this.join();
    const stage = this.stage.peek();
    if (stage.at !== "call") return;
    stage.meeting.panel.value = panel.peek();
    this.notices.ask("You were away for too long and have joined anew.");
  }

  #thrownOut(meeting: Meeting, why: Ending): void {
    meeting.end();
    this.#end(why);
    this.#disconnect();
  }

  #end(why: Ending): void {
    this.#parts.tab.removeItem(inCall);
    this.#inside = undefined;
    this.#chat = undefined;
    this.#pin = undefined;
    this.notices.clear();
    void this.media.stop();
    this.stage.value = { at: "ended", why };
  }

  async #connected(): Promise<Client> {
    const codec = this.settings.codec.peek();
    if (this.#client?.codec === codec && this.#client.client.state !== "closed") return this.#client.client;
    this.#disconnect();
    const client = await this.#parts.sdk.client(this.#parts.url, codec, this.relays.wish);
    this.#client = { codec, client, off: this.relays.follow(client) };
    return client;
  }

  #disconnect(): void {
    this.#client?.off();
    this.#client?.client.close();
    this.#client = undefined;
  }
}
