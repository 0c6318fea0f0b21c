// Tells a room a log entry by entry, with the least to write, for tests only.
import type { Body, Epoch, ModerateAction, Position, Role } from "@heliograph/protocol";
import { parseRealm, parseRoomName, type RoomKey, roomKey } from "@heliograph/protocol";
import { member, node, session } from "./cast.ts";
import type { Effect } from "./effect.ts";
import type { Entry, JoinEntry, SaidEntry, SettingsEntryChange } from "./entry.ts";
import { Room, type RoomRules } from "./room.ts";

export const taleRules: RoomRules = { version: 1, logLife: 300_000 };

export function taleKey(): RoomKey {
  const realm = parseRealm("default");
  const name = parseRoomName("tea");
  if (!realm.ok || !name.ok) throw new Error("key");
  return roomKey(realm.value, name.value);
}

export function epoch(attempt: number, bump = 0, on = "m"): Epoch {
  return { attempt, bump, node: node(on) };
}

export function body(size: number, fill = 0): Body {
  return { codec: "json", bytes: new Uint8Array(size).fill(fill) };
}

type Some<T> = { readonly [Key in keyof T]?: T[Key] | undefined };

export function joinOf(who: string, more: Partial<JoinEntry> = {}): JoinEntry {
  return {
    kind: "join",
    from: member(who),
    epoch: epoch(1),
    session: session(who),
    profile: { name: who },
    grace: 30_000,
    marks: [],
    ...more,
  };
}

export class Tale {
  room: Room;
  #at: Position = { seq: 0, index: 0, time: 1_000_000 };
  readonly #counters = new Map<string, number>();

  constructor(room: Room = Room.fresh(taleKey(), taleRules)) {
    this.room = room;
  }

  get at(): Position {
    return this.#at;
  }

  /** The next entries come so much later. */
  wait(ms: number): void {
    this.#at = { ...this.#at, time: this.#at.time + ms };
  }

  /** The stream is lost, and begins again a second later. */
  rebirth(): void {
    this.#at = { seq: 0, index: 0, time: this.#at.time + 1000 };
  }

  tell(entry: Entry): Effect {
    this.#at = { seq: this.#at.seq + 1, index: 0, time: this.#at.time };
    return this.room.apply(entry, this.#at);
  }

  join(who: string, more: Partial<JoinEntry> = {}): Effect {
    return this.tell(joinOf(who, more));
  }

  joinAll(...people: readonly string[]): void {
    for (const who of people) this.join(who);
  }

  /** With the member's present epoch and its next counter, unless told otherwise. */
  said(
    who: string,
    more: Some<{ epoch: Epoch; n: number }> = {},
  ): { from: JoinEntry["from"]; epoch: Epoch; n: number } {
    const n = more.n ?? (this.#counters.get(who) ?? 0) + 1;
    if (more.n === undefined) this.#counters.set(who, n);
    return { from: member(who), epoch: more.epoch ?? this.room.member(member(who))?.epoch ?? epoch(1), n };
  }

  leave(who: string): Effect {
    return this.tell({ kind: "leave", ...this.said(who) });
  }

  broadcast(who: string, more: Some<{ epoch: Epoch; n: number }> = {}): Effect {
    return this.tell({ kind: "broadcast", ...this.said(who, more), body: body(2) });
  }

  signal(who: string, to: string): Effect {
    return this.tell({ kind: "signal", ...this.said(who), to: member(to), body: body(2) });
  }

  data(who: string, key: string, more: Partial<Extract<SaidEntry, { kind: "data" }>> = { value: body(1) }): Effect {
    return this.tell({ kind: "data", ...this.said(who), key, owned: false, ...more });
  }

  settings(who: string, change: SettingsEntryChange): Effect {
    return this.tell({ kind: "settings", ...this.said(who), change });
  }

  moderate(who: string, action: ModerateAction): Effect {
    return this.tell({ kind: "moderate", ...this.said(who), action });
  }

  role(who: string, of: string, role: Role): Effect {
    return this.moderate(who, { action: "role", member: member(of), role });
  }

  away(who: string, at: Epoch = epoch(1)): Effect {
    return this.tell({ kind: "away", member: member(who), epoch: at });
  }

  back(who: string, at: Epoch, as: string = who): Effect {
    return this.tell({ kind: "back", member: member(who), epoch: at, session: session(as) });
  }

  left(who: string, at: Epoch = epoch(1)): Effect {
    return this.tell({ kind: "left", member: member(who), epoch: at });
  }
}
