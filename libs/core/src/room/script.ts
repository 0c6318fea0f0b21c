// Turns plain numbers into entries that reach the corners of the rules, for tests only: mostly sensible, often off by one.
import type {
  Epoch,
  MemberId,
  ModerateAction,
  Position,
  PresenceMode,
  Profile,
  Role,
  RoomType,
  SessionId,
} from "@heliograph/protocol";
import { member, node, session } from "./cast.ts";
import type { RoomCopy } from "./copy.ts";
import { Die } from "./die.ts";
import type { Entry, OpeningEntry, SettingsEntryChange } from "./entry.ts";
import type { PlainRoom } from "./plain-room.ts";

export const scriptLife = 10_000;

export interface Placed {
  readonly entry: Entry;
  readonly at: Position;
}

const letters = ["a", "b", "c", "d", "e", "f"];
const people: readonly MemberId[] = letters.map((letter) => member(letter));
const nodes = [node("m"), node("n"), node("o")] as const;
const pins = ["one", "two"].map((word) => ({ salt: word, proof: `proof of ${word}` }));
const marks: readonly [readonly string[], ...(readonly string[])[]] = [["x"], [], ["y", "x"], ["z"], ["w"], ["v"], []];
const kinds = [
  ...Array<"join">(22).fill("join"),
  ...Array<"leave">(4).fill("leave"),
  ...Array<"signal">(12).fill("signal"),
  ...Array<"broadcast">(6).fill("broadcast"),
  ...Array<"profile">(5).fill("profile"),
  ...Array<"data">(14).fill("data"),
  ...Array<"settings">(8).fill("settings"),
  ...Array<"moderate">(13).fill("moderate"),
  ...Array<"away">(9).fill("away"),
  ...Array<"back">(6).fill("back"),
  ...Array<"left">(9).fill("left"),
  ...Array<"letter">(6).fill("letter"),
  ...Array<"keep">(2).fill("keep"),
  ...Array<"adopt">(2).fill("adopt"),
  "upgrade" as const,
  "strange" as const,
  ...Array<"again">(8).fill("again"),
];

export class Script {
  readonly #placed: Placed[] = [];
  readonly #copies: RoomCopy[] = [];
  #at: Position = { seq: 0, index: 0, time: 1_000_000 };
  #reborn = false;
  /** Nothing is adopted: effects add up. */
  readonly #calm: boolean;

  constructor(calm = false) {
    this.#calm = calm;
  }

  /** The log was born again, and no state has been adopted since: places are not comparable. */
  get reborn(): boolean {
    return this.#reborn;
  }

  get placed(): readonly Placed[] {
    return this.#placed;
  }

  /** What a host might adopt later. */
  keep(copy: RoomCopy): void {
    this.#copies.push(copy);
  }

  /** The last entry was an adoption that took effect. */
  adopted(): void {
    this.#reborn = false;
  }

  next(number: number, room: PlainRoom): Placed {
    const die = new Die(number);
    const begins = this.#placed.length === 0 && die.below(2) === 0;
    const kind = begins ? "upgrade" : (kinds[die.below(kinds.length)] ?? "keep");
    const entry = this.#entry(kind, die, room);
    const at = this.#place(die, entry);
    const placed = { entry, at };
    this.#placed.push(placed);
    return placed;
  }

  #place(die: Die, entry: Entry): Position {
    const { seq, index, time } = this.#at;
    if (die.below(3) === 0 && seq > 0) this.#at = { seq, index: index + 1, time };
    else {
      const wait = die.of([0, 1, 0, 400, 10, 2100, 0, 1, 30, 0, 11_000, 600]);
      const isRebirth = !this.#calm && die.below(entry.kind === "adopt" ? 4 : 300) === 1;
      this.#at = isRebirth
        ? { seq: 1 + die.below(9), index: 0, time: time + wait + 1 }
        : { seq: seq + 1 + die.below(3), index: 0, time: time + wait };
      this.#reborn ||= isRebirth;
    }
    return this.#at;
  }

  #entry(kind: (typeof kinds)[number], die: Die, room: PlainRoom): Entry {
    switch (kind) {
      case "join":
        return this.#join(die, room);
      case "away": {
        const subject = someone(die, room);
        return { kind, member: subject, epoch: nearby(die, epochOf(room, subject)) };
      }
      case "left": {
        const lost = room.members.filter(({ state }) => state === "away").map(({ id }) => id);
        const subject = lost[die.below(lost.length + 1)] ?? someone(die, room);
        return { kind, member: subject, epoch: nearby(die, epochOf(room, subject)) };
      }
      case "back": {
        const subject = someone(die, room);
        const epoch = nearby(die, higher(epochOf(room, subject)));
        const own = room.members.find(({ id }) => id === subject)?.session ?? sessionOf(subject);
        return { kind, member: subject, epoch, session: die.below(12) === 1 ? session("q") : own };
      }
      case "letter":
        return letter(die, room);
      case "keep":
        return { kind, by: nodes[0] };
      case "adopt": {
        const copy = this.#copies[this.#copies.length - 1 - die.below(Math.min(6, this.#copies.length))];
        return copy === undefined || this.#calm ? { kind: "keep", by: nodes[1] } : { kind, by: nodes[1], copy };
      }
      case "upgrade":
        return { kind, rules: die.below(6) };
      case "strange": {
        const strange: unknown = { kind: "dance", from: people[0] };
        return strange as Entry;
      }
      case "again": {
        const earlier = this.#placed[this.#placed.length - 1 - die.below(Math.min(30, this.#placed.length))];
        return earlier?.entry ?? { kind: "keep", by: nodes[2] };
      }
      default:
        return said(kind, die, room);
    }
  }

  #join(die: Die, room: PlainRoom): Entry {
    const who = die.below(letters.length);
    const from = people[who] ?? member("a");
    const isMember = room.members.some(({ id }) => id === from);
    const last = epochOf(room, from);
    const pin = room.settings.pin;
    const proof = die.of(["right", "right", "wrong", "right", "none", "right"] as const);
    const role = die.below(8) === 1 ? die.of<Role>(["viewer", "participant", "moderator", strangeRole()]) : undefined;
    return {
      kind: "join",
      from,
      session: die.below(25) === 1 ? session("q") : sessionOf(from),
      epoch: nearby(die, isMember && die.below(2) === 0 ? last : higher(last)),
      profile: { name: die.of(["Ann", "Bob"]), ...own(die) },
      grace: die.of([500, 0, 2000]),
      marks: marks[who] ?? [],
      ...(proof === "none" ? {} : { proof: proof === "right" ? (pin?.proof ?? "none wanted") : "guess" }),
      ...(role === undefined ? {} : { role }),
      ...(die.below(10) === 1 ? { exempt: true as const } : {}),
      ...(die.below(room.members.length === 0 ? 4 : 1) < 3 ? { opening: opening(die) } : {}),
      ...(die.below(6) === 1 ? { exactPin: true as const } : {}),
    };
  }
}

function opening(die: Die): OpeningEntry {
  const pin = pins[die.below(4)];
  const linger = die.of([undefined, 3_000, 12_000, 500, 0, -1, 3_000, 4_000_000]);
  return { ...(pin === undefined ? {} : { pin }), ...(linger === undefined ? {} : { linger }) };
}

function own(die: Die): Pick<Profile, "own"> {
  const size = die.below(24) === 1 ? 16_385 : die.of([undefined, 1, undefined, 2]);
  const bytes = size === undefined ? undefined : zeros[size];
  return bytes === undefined ? {} : { own: { codec: die.of(["json", "json", "msgpack"]), bytes } };
}

function letter(die: Die, room: PlainRoom): Entry {
  const by = die.of(nodes);
  const last = room.letters.findLast((one) => one.by === by)?.count ?? 0;
  const count = last + die.of([1, 0, 3, 1, -1, 1]);
  const sender = die.below(3) === 0 ? {} : { sender: sessionOf(someone(die, room)) };
  return { kind: "letter", by, count, ...sender, body: { codec: "json", bytes: new Uint8Array(2) } };
}

function strangeRole(): Role {
  const strange: unknown = "owner";
  return strange as Role;
}

function said(
  kind: "leave" | "signal" | "broadcast" | "profile" | "data" | "settings" | "moderate",
  die: Die,
  room: PlainRoom,
): Entry {
  const from = author(kind, die, room);
  const epoch = nearby(die, epochOf(room, from));
  const sender = [...room.members, ...room.departed].find(({ id }) => id === from);
  const n = nearbyCounter(die, Math.max(0, ...(sender?.said ?? [])));
  switch (kind) {
    case "leave":
      return { kind, from, epoch, n, ...(die.below(3) === 1 ? { lost: true as const } : {}) };
    case "signal":
      return { kind, from, epoch, n, to: someone(die, room), body: { codec: "json", bytes: new Uint8Array(2) } };
    case "broadcast":
      return { kind, from, epoch, n, body: { codec: "msgpack", bytes: new Uint8Array(1) } };
    case "profile":
      return { kind, from, epoch, n, profile: { name: die.of(["Cid", "Dot"]), status: "here", ...own(die) } };
    case "data": {
      const key = die.of(["k", "l", "m", "o", "p"]);
      const version = room.data.find((datum) => datum.key === key)?.version ?? 0;
      const ifVersion = die.of([undefined, version, undefined, version + 1, undefined, 0]);
      const size = die.of([1, undefined, 3, 2, 65_536, 70_000, 4]);
      const bytes = size === undefined ? undefined : zeros[size];
      return {
        kind,
        from,
        epoch,
        n,
        key,
        owned: die.below(2) === 0,
        ...(ifVersion === undefined ? {} : { ifVersion }),
        ...(bytes === undefined ? {} : { value: { codec: "json", bytes } }),
      };
    }
    case "settings":
      return { kind, from, epoch, n, change: settingsChange(die) };
    case "moderate":
      return { kind, from, epoch, n, action: action(die, room) };
    default:
      return kind satisfies never;
  }
}

const zeros: Record<number, Uint8Array> = Object.fromEntries(
  [1, 2, 3, 4, 16_385, 65_536, 70_000].map((size) => [size, new Uint8Array(size)]),
);

function settingsChange(die: Die): SettingsEntryChange {
  const strangeType: unknown = "eternal";
  switch (die.below(9)) {
    case 8:
      return { linger: die.of([3_000, 0, 500, 12_000, 1.5]) };
    case 0:
      return { capacity: die.of([3, 0, 2, 4, 0, 1, -1]) };
    case 1:
      return { pin: pins[die.below(3)] ?? null };
    case 2:
      return { locked: die.below(3) === 0 };
    case 3:
      return { type: die.of<RoomType>(["standing", "adhoc"]) };
    case 4:
      return { presence: die.of<PresenceMode>(["count", "none", "full"]) };
    case 5:
      return { locked: false, pin: null, capacity: 0 };
    case 6:
      return { type: die.below(3) === 0 ? (strangeType as RoomType) : "standing", capacity: 5 };
    default:
      return {};
  }
}

function action(die: Die, room: PlainRoom): ModerateAction {
  const to = someone(die, room);
  const strange: unknown = { action: "hypnotise", member: to };
  switch (die.below(11)) {
    case 0:
    case 1:
      return { action: "remove", member: to };
    case 2:
      return { action: "ban", member: to };
    case 3:
    case 4:
    case 5: {
      const banned = room.bans[die.below(room.bans.length + 1)];
      return { action: "unban", member: people.find((id) => id === banned?.member) ?? to };
    }
    case 6:
      return { action: "mute", member: to, media: "audio" };
    case 7:
      return strange as ModerateAction;
    default:
      return {
        action: "role",
        member: to,
        role: die.of<Role>(["viewer", "moderator", "participant", "moderator", strangeRole()]),
      };
  }
}

function author(kind: string, die: Die, room: PlainRoom): MemberId {
  const needsModerator = kind === "settings" || kind === "moderate";
  const moderator = room.members.find(({ role }) => role === "moderator");
  if (needsModerator && moderator !== undefined && die.below(4) > 0) return moderator.id;
  return someone(die, room);
}

/** Mostly a member. */
function someone(die: Die, room: PlainRoom): MemberId {
  const anybody = people[die.below(people.length)] ?? member("a");
  if (die.below(8) === 0) return anybody;
  return room.members[die.below(Math.max(1, room.members.length))]?.id ?? anybody;
}

/** As in the native protocol, but for one whose dialect names members otherwise. */
function sessionOf(id: MemberId): SessionId {
  return session(id.startsWith("f") ? "s" : (id[0] ?? "a"));
}

function epochOf(room: PlainRoom, id: MemberId): Epoch {
  const known = [...room.members, ...room.departed].find((one) => one.id === id);
  return known?.epoch ?? { attempt: 2, bump: 0, node: nodes[1] };
}

function higher(epoch: Epoch): Epoch {
  return { ...epoch, attempt: epoch.attempt + 1 };
}

function nearby(die: Die, epoch: Epoch): Epoch {
  switch (die.below(16)) {
    case 11:
      return { ...epoch, attempt: epoch.attempt - 1 };
    case 12:
      return { ...epoch, attempt: epoch.attempt + 1 };
    case 13:
      return { ...epoch, bump: epoch.bump + 1 };
    case 14:
      return { ...epoch, node: nodes[0] };
    case 15:
      return { ...epoch, node: nodes[2] };
    default:
      return epoch;
  }
}

function nearbyCounter(die: Die, highest: number): number {
  switch (die.below(16)) {
    case 9:
      return highest + 2 + die.below(5);
    case 10:
      return highest + 30 + die.below(40);
    case 11:
    case 12:
      return highest - die.below(5);
    case 13:
      return Math.max(1, highest - die.below(140));
    case 14:
      return highest === 0 ? 1 : highest;
    case 15:
      return die.below(3) - 1;
    default:
      return highest + 1;
  }
}
