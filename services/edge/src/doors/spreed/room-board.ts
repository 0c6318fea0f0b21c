// A room as all Spreed clients of this node see it: who is in it, its record, and each event as one frame for all of them.
import type { WatchedEvent, Watcher } from "@heliograph/core";
import type { Envelope, Own, RoomRecord, Spoken, SpreedRoomType } from "@heliograph/dialects/spreed";
import {
  broadcast,
  conference,
  documentOf,
  hearBroadcast,
  moderationOf,
  ownOf,
  presenceOf,
  readOwn,
  readRoomRecord,
  roomRecordKey,
  serverConference,
  spreedRoomId,
  spreedRoomOf,
  timed,
  writeEntry,
  writeJoined,
  writeRoom,
} from "@heliograph/dialects/spreed";
import type { Body, MemberId, MemberView, Profile, RoomName, RoomView, SettingsView } from "@heliograph/protocol";
import type { ListedEntry } from "./listed-entry.ts";
import type { SpreedSettings } from "./spreed-settings.ts";
import type { Voice } from "./voice.ts";

export interface BoardParts {
  readonly voice: Voice;
  settings(): SpreedSettings;
  /** The PIN as a door sealed it; undefined: sealed by nobody here, or by a key that is gone. */
  unseal(sealed: string): string | undefined;
  /** A body that has no words in the dialect. */
  untold(why: string): void;
}

/** What an event is to the Spreed members of a room: frames for all but `skip`. */
export interface BoardNews {
  readonly frames: readonly Uint8Array[];
  readonly skip: MemberId | undefined;
  /** Not for those who are still on their way in: their own Welcome comes first. */
  readonly list: Uint8Array | undefined;
}

export class RoomBoard implements Watcher {
  readonly room: RoomName;
  readonly #parts: BoardParts;
  /** By their ids. */
  readonly #members = new Map<string, MemberView>();
  readonly #owns = new WeakMap<Profile, Own>();
  /** As they stand in lists, encoded; whoever changes has another profile. */
  readonly #entries = new WeakMap<Profile, ListedEntry>();
  readonly #news = new WeakMap<WatchedEvent, BoardNews | undefined>();
  #settings: SettingsView | undefined;
  #record: Body | undefined;
  /** Who wrote the record, and whose settings are still to follow. */
  readonly #recorders = new Set<MemberId>();
  #waiting: (() => void)[] = [];

  constructor(room: RoomName, parts: BoardParts) {
    this.room = room;
    this.#parts = parts;
  }

  /** Whether the room has been seen. */
  get ready(): boolean {
    return this.#settings !== undefined;
  }

  /** Whether anybody is in it, or it lingers. */
  get exists(): boolean {
    return this.#members.size > 0 || this.#record !== undefined;
  }

  get recorded(): boolean {
    return this.#record !== undefined;
  }

  /** Calls once when the room has been seen, at once if it has. */
  onceReady(call: () => void): void {
    if (this.ready) call();
    else this.#waiting.push(call);
  }

  view(view: RoomView): void {
    this.#members.clear();
    for (const member of view.members) this.#members.set(member.id, member);
    this.#settings = view.settings;
    this.#record = view.data.find(({ key }) => key === roomRecordKey)?.value;
    this.#recorders.clear();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const call of waiting) call();
  }

  /**
   * The room as one was told who has just come in: a join may open a room with settings, or find that all of it has lapsed,
   * and nobody is told so by an event.
   */
  refresh({ settings, data, members }: RoomView): void {
    this.#settings = settings;
    this.#record = data.find(({ key }) => key === roomRecordKey)?.value;
    for (const member of members) this.#members.set(member.id, member);
  }

  /** Members are told before their watchers: the board is as it was before the event while they hear it. */
  event(event: WatchedEvent): void {
    switch (event.type) {
      case "member":
        if (event.what.change === "left") this.#members.delete(event.what.id);
        else if (event.what.change !== "count") this.#members.set(event.what.member.id, event.what.member);
        break;
      case "moderated":
        if (event.action.action === "remove" || event.action.action === "ban")
          this.#members.delete(event.action.member);
        break;
      case "settings":
        this.#settings = event.settings;
        this.#recorders.delete(event.by);
        break;
      case "data":
        if (event.key === roomRecordKey) {
          this.#record = event.value;
          this.#recorders.add(event.by);
        }
        break;
      case "broadcast":
        break;
      default:
        event satisfies never;
    }
  }

  get first(): string | undefined {
    for (const member of this.#members.keys()) return member;
    return undefined;
  }

  member(id: string): MemberView | undefined {
    return this.#members.get(id);
  }

  own(member: MemberView): Own {
    const { profile } = member;
    const known = this.#owns.get(profile);
    if (known !== undefined) return known;
    const { voice, settings } = this.#parts;
    const said = profile.own === undefined ? undefined : readOwn(voice.open(profile.own));
    const own = ownOf(profile, said, settings().pictureBase);
    this.#owns.set(profile, own);
    return own;
  }

  /** Whether a door of this dialect speaks for the member: no other can write what its profile has. */
  speaksSpreed(id: MemberId): boolean {
    return this.#members.get(id)?.profile.own !== undefined;
  }

  /** As `reader` may see them: where presence is not told, nobody but itself. */
  entries(reader: MemberId): ListedEntry[] {
    return this.#visible(reader).map((member) => this.#listed(member));
  }

  /** As members of the global room stand in the list of every other room. */
  globalEntries(): ListedEntry[] {
    return [...this.#members.values()].map((member) => this.#listed(member));
  }

  #listed(member: MemberView): ListedEntry {
    const known = this.#entries.get(member.profile);
    if (known?.id === member.id) return known;
    const listed = { id: member.id, bytes: this.#parts.voice.entry(writeEntry(member.id, this.own(member))) };
    this.#entries.set(member.profile, listed);
    return listed;
  }

  #visible(reader: MemberId): MemberView[] {
    const all = [...this.#members.values()];
    return this.#settings?.presence === "full" ? all : all.filter(({ id }) => id === reader);
  }

  record(asked: string): RoomRecord {
    const value = this.#record === undefined ? undefined : this.#parts.voice.open(this.#record);
    return readRoomRecord(value, asked, this.#parts.settings().rooms.caseSensitive);
  }

  /** In clear; empty: the room has none, or none that these doors know. */
  pin(settings: Pick<SettingsView, "pin"> | undefined = this.#settings): string {
    const { pin } = this.record("");
    return settings?.pin === true && pin !== undefined ? (this.#parts.unseal(pin) ?? "") : "";
  }

  get locked(): boolean {
    return this.#settings?.pin === true;
  }

  /** The server's list of a conference room; undefined: it is none, or nobody else is there. */
  list(type: SpreedRoomType, joiner?: MemberId): Uint8Array | undefined {
    const { caseSensitive } = this.#parts.settings().rooms;
    const room = spreedRoomOf(this.room, caseSensitive);
    if (room === undefined || this.#settings?.presence !== "full") return undefined;
    const ids = new Set<string>(this.#members.keys());
    if (joiner !== undefined) ids.add(joiner);
    const list = serverConference(type, spreedRoomId(room, caseSensitive), [...ids]);
    return list === undefined ? undefined : this.#parts.voice.frame(conference(list));
  }

  /** Made once for all members here: each of them is told the same event object. */
  news(event: WatchedEvent): BoardNews | undefined {
    if (this.#news.has(event)) return this.#news.get(event);
    const news = this.#newsOf(event);
    this.#news.set(event, news);
    return news;
  }

  #newsOf(event: WatchedEvent): BoardNews | undefined {
    switch (event.type) {
      case "member":
        return this.#presence(event);
      case "broadcast":
        return this.#chat(event);
      case "settings":
        return this.#update(event);
      case "moderated": {
        const left = moderationOf(event.action);
        return left === undefined ? undefined : this.#one(broadcast(left, this.#parts.voice.sender(left.Id)));
      }
      case "data":
        return undefined;
      default:
        return event satisfies never;
    }
  }

  #presence(event: Extract<WatchedEvent, { type: "member" }>): BoardNews | undefined {
    const { what } = event;
    const document = presenceOf(what, (member) => this.own(member));
    if (document === undefined) return undefined;
    const { voice } = this.#parts;
    const frames = [voice.frame(broadcast(document, voice.sender(document.Id)))];
    if (what.change !== "joined") {
      // Whoever changed knows it by itself.
      return { frames, skip: what.change === "updated" ? what.member.id : undefined, list: undefined };
    }
    const type = spreedRoomOf(this.room, this.#parts.settings().rooms.caseSensitive)?.type ?? "Room";
    return { frames, skip: what.member.id, list: this.list(type, what.member.id) };
  }

  #chat(event: Extract<WatchedEvent, { type: "broadcast" }>): BoardNews | undefined {
    const { voice, untold } = this.#parts;
    const { from, body, position } = event;
    const sender = voice.sender(from);
    const value = voice.open(body);
    const spreed = this.speaksSpreed(from);
    if (spreed && isHelloAgain(value)) {
      const member = this.#members.get(from);
      return member === undefined ? undefined : this.#one(broadcast(writeJoined(from, this.own(member)), sender));
    }
    const heard = hearBroadcast(value, spreed ? "spreed" : "native");
    if (!heard.ok) {
      untold(heard.why);
      return undefined;
    }
    // Volatile ones have no place in the log, and so none of its times.
    const at = position?.time ?? voice.now;
    const frames = heard.spoken.map((spoken) => voice.frame(broadcast(documentOf(stamped(spoken, at)), sender)));
    return { frames, skip: undefined, list: undefined };
  }

  /** Of settings alone nothing is told, unless they say what Spreed clients know: whether there is a PIN. */
  #update(event: Extract<WatchedEvent, { type: "settings" }>): BoardNews | undefined {
    const { by, settings } = event;
    if (!this.#recorders.has(by) && settings.pin === this.#settings?.pin) return undefined;
    const room = spreedRoomOf(this.room, this.#parts.settings().rooms.caseSensitive);
    if (room === undefined) return undefined;
    const { voice } = this.#parts;
    const document = writeRoom(room.type, this.record(room.name).name, this.pin(settings));
    return { frames: [voice.frame(broadcast(document, voice.sender(by)))], skip: by, list: this.list(room.type) };
  }

  #one(envelope: Envelope): BoardNews {
    return { frames: [this.#parts.voice.frame(envelope)], skip: undefined, list: undefined };
  }
}

/** What a door broadcasts when its client said Hello in the room it is in: the others are told Joined again. */
export const helloAgain = { kind: "spreed", hello: true } as const;

function isHelloAgain(value: unknown): boolean {
  return typeof value === "object" && value !== null && "hello" in value && value.hello === true;
}

export function stamped(spoken: Spoken, time: number): Spoken {
  return spoken.type === "Chat" ? { ...spoken, chat: timed(spoken.chat, time) } : spoken;
}
