// A room: its state, and the one way to change it. No clock, no chance, no I/O: the same entries give the same room.
import type { MemberId, Position, RoomKey, RoomView, SessionId, SettingsView } from "@heliograph/protocol";
import { ownerOf, roomOf } from "@heliograph/protocol";
import { adoptedState, isOvertaken } from "./adopting.ts";
import { isBanned } from "./bans.ts";
import { away, back, left } from "./caring.ts";
import type { DataCopy, DepartedCopy, RoomCopy, SettingsCopy } from "./copy.ts";
import { digestOf } from "./digest.ts";
import type { Effect } from "./effect.ts";
import type { Recall } from "./effect-memory.ts";
import { join, whyNotJoin } from "./entering.ts";
import type { Entry, JoinEntry, SaidEntry } from "./entry.ts";
import { deliver } from "./letters.ts";
import { lapse } from "./lingering.ts";
import type { Member } from "./member.ts";
import type { Refusal } from "./refusal.ts";
import { say, whyNotSay } from "./speaking.ts";
import { freshCopy, RoomState } from "./state.ts";
import { viewRoom, viewSettings } from "./view.ts";

/** The newest rules that this build applies; a room takes them on by an `upgrade` entry, once every node knows them. */
export const newestRules = 2;

export interface RoomRules {
  /** The newest rules that this code applies. */
  readonly version: number;
  /** Milliseconds that the log keeps entries: how long the departed and entries without effect are remembered. The same on every host. */
  readonly logLife: number;
  /**
   * Rules that every process of the deployment applies, by the word of whoever runs it: rooms need not wait for what is
   * heard. Absent: 1, the first.
   */
  readonly everywhere?: number;
}

export class Room {
  readonly key: RoomKey;
  readonly #rules: RoomRules;
  #state: RoomState;

  private constructor(key: RoomKey, state: RoomState, rules: RoomRules) {
    this.key = key;
    this.#rules = rules;
    this.#state = state;
  }

  /** A room of which the log has no entry yet: nobody in it, and `at` before the first place. */
  static fresh(key: RoomKey, rules: RoomRules): Room {
    return Room.revive(key, freshCopy, rules);
  }

  static revive(key: RoomKey, copy: RoomCopy, rules: RoomRules): Room {
    return new Room(key, new RoomState(copy), rules);
  }

  /** Of the last entry applied. */
  get at(): Position {
    return this.#state.at;
  }

  get settings(): SettingsCopy {
    return this.#state.settings;
  }

  /** Members, the away included. */
  get size(): number {
    return this.#state.seats.size;
  }

  /** Nobody is in it, and it is as its last member left it, until the log says that its time is over. */
  get lingers(): boolean {
    return this.#state.emptied !== undefined;
  }

  /** The rules in force. Above what this code applies: the node must be replaced. */
  get rules(): number {
    return this.#state.rules;
  }

  get dataCount(): number {
    return this.#state.data?.size ?? 0;
  }

  /** Of all values. */
  get dataBytes(): number {
    return this.#state.data?.bytes ?? 0;
  }

  member(id: MemberId): Member | undefined {
    return this.#state.seats.get(id);
  }

  /** In order of their joins. */
  members(): Iterable<Member> {
    return this.#state.seats.all();
  }

  /** Who left within the log's life. A new join needs an epoch above this one's. */
  departed(id: MemberId): DepartedCopy | undefined {
    return this.#state.departed.get(id);
  }

  datum(key: string): DataCopy | undefined {
    return this.#state.data?.get(key);
  }

  banned(session: SessionId, marks: readonly string[]): boolean {
    return isBanned(this.#state.bans, undefined, session, marks);
  }

  /** Applies the next entry. Positions never go back, but in a log that was born again: the caller keeps the order. */
  apply(entry: Entry, at: Position): Effect {
    this.#state.at = at;
    this.#state.forgetBefore(at.time - this.#rules.logLife);
    lapse(this.#state, at.time);
    const effect = this.#decide(entry, at);
    // An adopted state remembers its own beginning.
    if (effect.type !== "adopted") {
      if (isHeard(effect)) this.#state.memory.heard(at);
      else this.#state.memory.unheard(at);
    }
    return effect;
  }

  /**
   * The log was lost after this time, and no state can be adopted into the new one: nothing from before can be told any
   * more. On every host alike, where they had applied the same.
   */
  restart(time: number): void {
    this.#state = new RoomState({ ...this.#state.toCopy(), adopted: { at: { seq: 0, index: 0, time }, reborn: true } });
  }

  #decide(entry: Entry, at: Position): Effect {
    const state = this.#state;
    switch (entry.kind) {
      case "signal":
      case "broadcast":
      case "leave":
      case "profile":
      case "data":
      case "settings":
      case "moderate":
        return say(state, entry, at);
      case "letter":
        return deliver(state, entry, ownerOf(roomOf(this.key).name));
      case "join":
        return join(state, entry, at);
      case "away":
        return away(state, entry, at);
      case "back":
        return back(state, entry, at);
      case "left":
        return left(state, entry, at);
      case "keep":
        return { type: "kept" };
      case "adopt":
        if (isOvertaken(state, entry.copy)) return { type: "none" };
        this.#state = adoptedState(entry.copy, at);
        return { type: "adopted" };
      case "upgrade":
        if (!(entry.rules > state.rules)) return { type: "none" };
        state.rules = entry.rules;
        return { type: "upgraded" };
      default:
        entry satisfies never;
        return { type: "unknown_kind" };
    }
  }

  /** What `apply` would say if the entry came next, by the same checks in the same order; undefined: it would apply it. */
  judge(entry: JoinEntry | SaidEntry): Refusal | "repeated" | undefined {
    return entry.kind === "join" ? whyNotJoin(this.#state, entry) : whyNotSay(this.#state, entry);
  }

  settingsView(): SettingsView {
    return viewSettings(this.#state.settings);
  }

  /** `reader`: for whom it is; absent: for who sees everyone. */
  view(reader?: MemberId): RoomView {
    return viewRoom(this.#state, reader);
  }

  /** Safe to keep: what happens later does not show in it. */
  toCopy(): RoomCopy {
    return this.#state.toCopy();
  }

  /** The same state gives the same word on every host. */
  digest(): string {
    return digestOf(this.#state.toCopy());
  }

  /** Whether a member that saw everything up to the position can be told exactly what followed, as far as the state knows. */
  remembers(position: Position): Recall {
    return this.#state.memory.recall(position, this.#state.at, this.#rules.logLife);
  }

  /** The last 64 entries that others heard of, oldest first. */
  effects(): readonly Position[] {
    return this.#state.memory.effects();
  }

  /** Is one of these after the position? */
  effectSince(position: Position): boolean {
    return this.#state.memory.effectSince(position);
  }

  /** For entries of the log that stand before a loaded state: did others hear of this one? */
  hadEffect(position: Position): boolean {
    return this.#state.memory.hadEffect(position, this.#state.at, this.#rules.logLife);
  }
}

/** Does anybody but the author hear of it? */
function isHeard(effect: Effect): boolean {
  switch (effect.type) {
    case "none":
    case "unknown_kind":
    case "refused":
    case "repeated":
    case "answered_again":
    case "kept":
    case "upgraded":
      return false;
    case "back":
      return effect.fromAway;
    case "joined":
    case "away":
    case "left":
    case "profile":
    case "signal":
    case "broadcast":
    case "letter":
    case "data":
    case "settings":
    case "moderated":
    case "adopted":
      return true;
    default:
      return effect satisfies never;
  }
}
