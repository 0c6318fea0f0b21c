// Where a Spreed client is: at most one room at a time, entered by Hello and left by Leave or the next Hello.
import type { HelloWish, RoomWish, SpreedErrorCode, SpreedRoomType } from "@heliograph/dialects/spreed";
import {
  admit,
  errorCodeOf,
  meansRoom,
  roomRecordKey,
  withUa,
  writeRoom,
  writeRoomRecord,
  writeUsers,
  writeWelcome,
} from "@heliograph/dialects/spreed";
import type { Body, Event, Reason, RoomName } from "@heliograph/protocol";
import { Desk } from "./desk.ts";
import type { Guest } from "./guest.ts";
import type { ListedEntry } from "./listed-entry.ts";
import type { RoomBoard } from "./room-board.ts";
import { helloAgain } from "./room-board.ts";
import type { RoomBoards } from "./room-boards.ts";
import type { SpreedSettings } from "./spreed-settings.ts";
import type { Voice } from "./voice.ts";

/** Milliseconds that a room's type, name and PIN outlive its last member. */
const linger = 60_000;

type Joined = Extract<Event, { type: "joined" }>;
type JoinAnswer = Joined | { readonly type: "refused"; readonly reason: Reason };

/** A join that core has not answered. */
interface Joining extends Pick<Stand, "room" | "type" | "board" | "given"> {
  readonly n: number;
  answer(answer: JoinAnswer): void;
}

/** The room the client is in. */
export interface Stand {
  readonly room: RoomName;
  readonly type: SpreedRoomType;
  readonly board: RoomBoard;
  readonly desk: Desk;
  /** As the client said it. */
  readonly given: string;
  /** Its Welcome is still to come. */
  entering: boolean;
}

export interface PlaceParts {
  readonly guest: Guest;
  readonly boards: RoomBoards;
  readonly voice: Voice;
  settings(): SpreedSettings;
  seal(pin: string): string;
  /** What the client says of itself has changed. */
  presented(): void;
  /** Members of the global room, as every room lists them. */
  globals(): RoomBoard | undefined;
  /** Whether rooms can be opened with what Hello brings. */
  knowsRules(): boolean;
  fault(error: unknown): void;
  /** Milliseconds pass. */
  after(ms: number): Promise<void>;
}

/** Milliseconds that somebody who may only enter what exists waits to learn whether it does. */
const patience = 10_000;
/** Milliseconds after which a room may have other rules. */
const untilRaised = 5_000;
/** Milliseconds between two looks whether this node knows by now what others can apply: only just after its start. */
const look = 100;

export class Place {
  readonly #parts: PlaceParts;
  #stand: Stand | undefined;
  #joining: Joining | undefined;
  #leaving: Desk | undefined;
  /** Of the room it is in, or was in last. */
  #lastType: SpreedRoomType | undefined;

  constructor(parts: PlaceParts) {
    this.#parts = parts;
  }

  get stand(): Stand | undefined {
    return this.#stand;
  }

  /** Of the room it is in, or that it is leaving. */
  desk(room: RoomName): Desk | undefined {
    if (this.#stand?.room === room) return this.#stand.desk;
    return this.#leaving?.room === room ? this.#leaving : undefined;
  }

  get lastType(): SpreedRoomType | undefined {
    return this.#lastType;
  }

  async hello(hello: HelloWish, iid: string): Promise<void> {
    const { guest, settings } = this.#parts;
    guest.own = withUa(guest.own, hello.ua);
    this.#parts.presented();
    const admission = admit(settings().rooms, hello, guest.authenticated);
    const here = this.#stand;
    if (admission.ok && here?.room === admission.room) return this.#again(here, hello, iid);
    await this.leave();
    if (!admission.ok) return guest.refuse(admission.code, admission.message, iid);
    await this.#enter(admission, hello, iid);
  }

  /** Nothing happens where the client is in no room. */
  async leave(): Promise<void> {
    const here = this.#stand;
    if (here === undefined) return;
    this.#stand = undefined;
    this.#leaving = here.desk;
    await here.desk.ask({ type: "leave" });
    this.#leaving = undefined;
    here.desk.close("not_a_member");
    this.#parts.boards.giveBack(here.board);
  }

  users(iid: string): void {
    const { guest } = this.#parts;
    const here = this.#stand;
    if (here === undefined) return guest.refuse("not_in_room", "The session is in no room.", iid);
    guest.replyListing(writeUsers([]), this.#entries(here), iid);
  }

  /** Any member may lock and unlock. */
  async update(wish: RoomWish, iid: string): Promise<void> {
    const { guest, settings, seal } = this.#parts;
    const here = this.#stand;
    const name = here?.board.record(here.given).name ?? "";
    if (here === undefined || !meansRoom(settings().rooms, wish, { type: here.type, name })) {
      return guest.refuse("not_in_room", "The session is not in that room.", iid);
    }
    const pin = wish.credentials === undefined ? here.board.pin() : wish.credentials.PIN;
    const record = { name, ...(pin === "" ? {} : { pin: seal(pin) }) };
    const change = wish.credentials === undefined ? {} : { pin: pin === "" ? null : pin };
    const [recorded, settled] = await Promise.all([
      here.desk.ask({ type: "data", key: roomRecordKey, value: this.#body(writeRoomRecord(record)), owned: false }),
      here.desk.ask({ type: "settings", change }),
    ]);
    const wrong = recorded === "done" ? settled : recorded;
    if (wrong !== "done") return guest.refuse(errorCodeOf(wrong), `The room was not changed: ${wrong}.`, iid);
    guest.reply(writeRoom(here.type, name, pin), iid);
    this.#tellList(here);
  }

  /** Answers to joins, and the news that the session is in a room no more. */
  joined(event: Joined): void {
    const joining = this.#joining;
    if (joining === undefined || joining.room !== event.room) return;
    this.#joining = undefined;
    const { room, type, board, given } = joining;
    board.refresh(event.view);
    // At once: what is told behind it in the same turn is for this room already.
    const desk = new Desk(room, event.mark, this.#parts.guest);
    this.#stand = { room, type, board, given, desk, entering: true };
    this.#lastType = type;
    joining.answer(event);
  }

  refused(n: number | undefined, room: RoomName, reason: Reason): boolean {
    const joining = this.#joining;
    if (joining !== undefined && joining.room === room && (n === undefined || n === joining.n)) {
      this.#joining = undefined;
      joining.answer({ type: "refused", reason });
      return true;
    }
    const desk = this.desk(room);
    if (n === undefined || desk === undefined) return false;
    desk.refused(n, reason);
    return true;
  }

  /** Somebody took it out of its room. */
  removed(): void {
    const here = this.#stand;
    if (here === undefined) return;
    this.#stand = undefined;
    here.desk.close("not_a_member");
    this.#parts.boards.giveBack(here.board);
  }

  end(): void {
    this.removed();
    this.#leaving?.close("unavailable");
    this.#joining?.answer({ type: "refused", reason: "unavailable" });
    this.#joining = undefined;
  }

  async #enter(
    { room, type, mayOpen }: { readonly room: RoomName; readonly type: SpreedRoomType; readonly mayOpen: boolean },
    hello: HelloWish,
    iid: string,
  ): Promise<void> {
    const { guest, boards } = this.#parts;
    const board = boards.take(room);
    const refuse = (code: SpreedErrorCode, message: string): void => {
      boards.giveBack(board);
      guest.refuse(code, message, iid);
    };
    if (!mayOpen && !(await this.#exists(board))) {
      return refuse("room_join_requires_account", "Opening a room takes an account.");
    }
    for (let waited = 0; !this.#parts.knowsRules() && waited < patience; waited += look) await this.#parts.after(look);
    const answer = await this.#join({ room, type, board, given: hello.name }, hello);
    if (answer.type === "refused") {
      return refuse(errorCodeOf(answer.reason), `The room was not joined: ${answer.reason}.`);
    }
    const stand = this.#stand;
    if (stand === undefined) return;
    if (!sameProfile(answer, guest)) stand.desk.say({ type: "profile", profile: guest.profile });
    if (!board.recorded) await this.#record(stand, hello);
    if (this.#stand === stand) this.#welcome(stand, iid);
    if (!board.speaksSpreed(guest.member)) this.#sayAgain(stand);
  }

  /** A room that an older build keeps at its rules keeps nothing of this dialect; once it is raised it does. */
  #sayAgain(stand: Stand): void {
    const { after, guest, fault } = this.#parts;
    after(untilRaised).then(() => {
      if (this.#stand !== stand || stand.board.speaksSpreed(guest.member)) return;
      stand.desk.say({ type: "profile", profile: guest.profile });
      this.#sayAgain(stand);
    }, fault);
  }

  #join(where: Pick<Stand, "room" | "type" | "board" | "given">, { credentials }: HelloWish): Promise<JoinAnswer> {
    const { guest } = this.#parts;
    const pin = credentials?.PIN;
    return new Promise((answer) => {
      const n = guest.nextN();
      this.#joining = { ...where, n, answer };
      guest.command({
        type: "join",
        n,
        room: where.room,
        profile: guest.profile,
        role: "moderator",
        anew: true,
        opening: { linger, ...(pin === undefined || pin === "" ? {} : { pin }) },
        ...(pin === undefined ? {} : { pin, exactPin: true }),
      });
    });
  }

  async #exists(board: RoomBoard): Promise<boolean> {
    await Promise.race([new Promise<void>((resolve) => board.onceReady(resolve)), this.#parts.after(patience)]);
    return board.exists;
  }

  /** The first one to write it wins, and everybody is told the same name. */
  async #record({ desk, given }: Stand, { credentials }: HelloWish): Promise<void> {
    const pin = credentials?.PIN ?? "";
    const record = { name: given, ...(pin === "" ? {} : { pin: this.#parts.seal(pin) }) };
    await desk.ask({
      type: "data",
      key: roomRecordKey,
      value: this.#body(writeRoomRecord(record)),
      ifVersion: 0,
      owned: false,
    });
  }

  #welcome(here: Stand, iid: string): void {
    const { guest } = this.#parts;
    here.entering = false;
    const { name } = here.board.record(here.given);
    const room = writeRoom(here.type, name, here.board.pin());
    guest.replyListing(writeWelcome(room, []), this.#entries(here), iid);
    this.#tellList(here);
  }

  #tellList(here: Stand): void {
    const list = here.board.list(here.type);
    if (list !== undefined) this.#parts.guest.line.send(list);
  }

  /** In the room it is in already: its credentials are looked at again, and the others are told Joined again. */
  async #again(here: Stand, { credentials }: HelloWish, iid: string): Promise<void> {
    const { guest } = this.#parts;
    const code = whyNotAgain(here.board, credentials?.PIN);
    if (code !== undefined) {
      // The original would keep it as a ghost that still hears everything (Q2).
      await this.leave();
      return guest.refuse(code, "The room was left: its credentials have changed.", iid);
    }
    here.desk.say({ type: "profile", profile: guest.profile });
    await here.desk.ask({ type: "broadcast", body: this.#body(helloAgain) });
    if (this.#stand === here) this.#welcome(here, iid);
  }

  #entries(here: Stand): readonly ListedEntry[] {
    const { guest, globals } = this.#parts;
    const entries = here.board.entries(guest.member);
    const board = globals();
    if (board === undefined || board === here.board) return entries;
    const known = new Set(entries.map(({ id }) => id));
    return [...entries, ...board.globalEntries().filter(({ id }) => !known.has(id))];
  }

  #body(value: unknown): Body {
    return this.#parts.voice.body(value);
  }
}

function whyNotAgain(board: RoomBoard, given: string | undefined): SpreedErrorCode | undefined {
  if (!board.locked) return given === undefined ? undefined : "authorization_not_required";
  if (given === undefined) return "authorization_required";
  return given === board.pin() ? undefined : "invalid_credentials";
}

/** Whoever takes over a stay is shown as it was before. */
function sameProfile({ view, self }: Joined, guest: Guest): boolean {
  const shown = view.members.find(({ id }) => id === self)?.profile;
  const own = guest.profile.own?.bytes ?? new Uint8Array(0);
  const theirs = shown?.own?.bytes;
  return theirs !== undefined && Buffer.compare(own, theirs) === 0;
}
