// A simulated client's side of one room: what it has heard, and its commands on their way.
import type { Event, MemberId, Position, Reason, RoomCommand, RoomEvent, RoomName } from "@heliograph/protocol";
import { comparePositions } from "@heliograph/protocol";
import type { Fact } from "./journal.ts";
import { Picture } from "./picture.ts";
import type { Wire } from "./wire.ts";

/** What a command says, whatever `n` it goes with. */
export type Wish = (id: string, n: number, attempt: number) => RoomCommand;

/** `kept`: goes again with the n it has; `renumber`: with a new one. */
interface Waiting {
  readonly id: string;
  readonly wish: Wish;
  state: "waiting" | "sent" | "kept" | "renumber";
  n: number;
  /** With this n it may have been applied before it went last. */
  undecided: boolean;
}

export interface Notes {
  applied(id: string, by: Position): void;
  refused(id: string, reason: Reason): void;
  again(id: string): void;
  unknown(id: string): void;
  heard(fact: Fact, position: Position, attempt: number): void;
  whispered(fact: Extract<Fact, { type: "said" }>, attempt: number): void;
}

export class Membership {
  readonly room: RoomName;
  readonly self: MemberId;
  readonly #notes: Notes;
  /** Newest position heard of; undefined: the first answer to `join` has not come. */
  position: Position | undefined;
  picture: Picture | undefined;
  leaving = false;
  /** What came on a connection that has not resumed the room yet. */
  replayed: Exclude<RoomEvent, { type: "ack" | "joined" | "resumed" | "letter" }>[] = [];
  /** The join that waits for its answer. */
  join: { readonly wire: Wire; readonly n: number } | undefined;
  joins = 0;
  /** The connection on which the room is heard: commands go there. */
  #wire: Wire | undefined;
  #lastN = 0;
  #commands: Waiting[] = [];
  /** Since when nothing has been heard of the room. */
  heardAt = 0;
  /** Positions below this connection's belong to an earlier life of the log. */
  #bornAt = 0;

  constructor(room: RoomName, self: MemberId, notes: Notes) {
    this.room = room;
    this.self = self;
    this.#notes = notes;
  }

  get wire(): Wire | undefined {
    return this.#wire;
  }

  get unanswered(): readonly string[] {
    return this.#commands.map(({ id }) => id);
  }

  submit(id: string, wish: Wish): void {
    this.#commands.push({ id, wish, state: "waiting", n: 0, undecided: false });
    this.#flush();
  }

  detach(): void {
    this.#wire = undefined;
    this.replayed = [];
  }

  takeReplayed(): Membership["replayed"] {
    const { replayed } = this;
    this.replayed = [];
    return replayed;
  }

  attach(wire: Wire, mark: number): void {
    this.#wire = wire;
    this.#lastN = Math.max(this.#lastN, mark);
    for (const command of this.#commands) {
      if (command.state !== "sent" && command.state !== "kept") continue;
      if (command.n <= mark) command.undecided = true;
      this.#send(wire, command);
    }
    this.#flush();
  }

  /** A reloaded page knows its token, its attempt and its positions, and nothing of what it asked. */
  forget(): void {
    this.#wire = undefined;
    this.join = undefined;
    this.joins = 0;
    this.leaving = false;
    this.picture = undefined;
    this.#lastN = 0;
    this.abandon();
  }

  /**
   * A state was adopted that need not know what was applied before: sent again, a command might be heard twice. What the
   * present connection was given for the first time was not applied before, and what was refused never was.
   */
  doubt(): void {
    const cut = this.#wire === undefined;
    const taken = this.#take(({ state, undecided }) => undecided || (cut && state === "sent"));
    for (const { id } of taken) this.#notes.unknown(id);
  }

  abandon(): void {
    for (const { id } of this.#commands) this.#notes.unknown(id);
    this.#commands = [];
  }

  /** False: a newer connection has told of it already, or of what came after. */
  restart(wire: Wire, position: Position): boolean {
    if (wire.attempt < this.#bornAt) return false;
    this.#bornAt = wire.attempt;
    this.position = position;
    return true;
  }

  adopt(position: Position): void {
    if (this.position === undefined || comparePositions(position, this.position) > 0) this.position = position;
  }

  acknowledged(wire: Wire, n: number, position: Position): void {
    if (wire.attempt < this.#bornAt) return;
    if (wire === this.#wire) {
      for (const { id } of this.#take((command) => command.state === "sent" && command.n <= n)) {
        this.#notes.applied(id, position);
      }
      this.adopt(position);
      this.#flush();
    }
  }

  /** False: no command of this room had that n. */
  refused(wire: Wire, n: number, reason: Reason): void {
    if (wire !== this.#wire) return;
    const command = this.#commands.find((each) => each.state === "sent" && each.n === n);
    if (command === undefined || reason === "superseded") return;
    if (reason === "unavailable") {
      command.state = "kept";
      command.undecided = true;
    } else if (reason === "slow_down") command.state = command.undecided ? "kept" : "renumber";
    else if (reason === "retry") {
      command.state = "renumber";
      command.undecided = false;
    } else {
      this.#take((each) => each === command);
      if (reason === "unknown") this.#notes.unknown(command.id);
      else this.#notes.refused(command.id, reason);
    }
    if (command.state !== "sent") this.#notes.again(command.id);
    if (reason !== "unavailable" && reason !== "slow_down") this.#flush();
  }

  /** What was put off for a while goes again. */
  tick(): void {
    this.#flush();
  }

  /** Whether an event is to be delivered: newer than all before it. */
  admits(wire: Wire, position: Position): boolean {
    if (wire.attempt < this.#bornAt) return false;
    if (this.position !== undefined && comparePositions(position, this.position) <= 0) return false;
    this.position = position;
    return true;
  }

  /** Whether it was news of its log: a resume that names a former stay tells again how that one ended. */
  hear(wire: Wire, event: Exclude<RoomEvent, { type: "ack" | "joined" | "resumed" | "gap" | "letter" }>): boolean {
    const fact = factOf(event);
    if (event.position === undefined) {
      // The former connection's node may lag: what it still tells of who has left is nobody's word any more.
      if (fact.type === "said" && !(wire !== this.#wire && this.#knowsGone(fact.from))) {
        this.#notes.whispered(fact, wire.attempt);
      }
      return false;
    }
    if (event.type === "member" && event.what.change === "count") return false;
    // What comes before the first `joined` is part of its view, except for what was said.
    if (!this.admits(wire, event.position)) return false;
    this.#notes.heard(fact, event.position, wire.attempt);
    switch (event.type) {
      case "signal":
      case "broadcast":
        break;
      case "member":
      case "data":
      case "settings":
      case "moderated":
        this.picture?.take(event);
        break;
      default:
        event satisfies never;
    }
    return true;
  }

  #knowsGone(member: MemberId): boolean {
    return this.picture?.full === true && !this.picture.has(member);
  }

  #take(which: (command: Waiting) => boolean): Waiting[] {
    const taken = this.#commands.filter(which);
    this.#commands = this.#commands.filter((command) => !taken.includes(command));
    return taken;
  }

  #flush(): void {
    const wire = this.#wire;
    if (wire === undefined) return;
    const again = this.#commands.filter(({ state }) => state === "kept" || state === "renumber");
    if (again.length > 0) {
      // Whatever went behind a refused command is answered first, then all go again, in order.
      if (this.#commands.some(({ state }) => state === "sent")) return;
      const kept = again.filter(({ state }) => state === "kept");
      for (const command of kept.length > 0 ? kept : again) {
        if (command.state === "renumber") command.n = this.#number();
        this.#send(wire, command);
      }
      if (kept.length > 0) return;
    }
    for (const command of this.#commands) {
      if (command.state !== "waiting") continue;
      command.n = this.#number();
      this.#send(wire, command);
    }
  }

  #number(): number {
    this.#lastN += 1;
    return this.#lastN;
  }

  #send(wire: Wire, command: Waiting): void {
    command.state = "sent";
    wire.send(command.wish(command.id, command.n, wire.attempt));
  }

  show(self: MemberId, view: Extract<Event, { type: "joined" }>["view"]): Picture {
    if (this.picture === undefined) this.picture = new Picture(self, view);
    else this.picture.replace(view);
    return this.picture;
  }
}

type Told = Exclude<RoomEvent, { type: "ack" | "joined" | "resumed" | "gap" | "letter" }>;

function factOf(event: Told): Fact {
  switch (event.type) {
    case "signal":
    case "broadcast": {
      const { id, attempt, to } = readBody(event.body.bytes);
      return { type: "said", id, attempt, from: event.from, ...(to === undefined ? {} : { to }) };
    }
    case "member": {
      const { what } = event;
      if (what.change === "count") return { type: "changed", by: "" as MemberId, text: "" };
      const member = what.change === "left" ? what.id : what.member.id;
      return { type: what.change, member, text: JSON.stringify(what) };
    }
    case "moderated": {
      const { action, by } = event;
      const text = JSON.stringify(action);
      const gone = action.action === "remove" || action.action === "ban";
      return gone ? { type: "gone", member: action.member, by, text } : { type: "changed", by, text };
    }
    case "data": {
      const { key, version, value, owner } = event;
      const text = value === undefined ? "" : new TextDecoder().decode(value.bytes);
      return { type: "changed", by: event.by, text: `${key} ${version} ${text} ${owner ?? ""}` };
    }
    case "settings":
      return { type: "changed", by: event.by, text: JSON.stringify(event.settings) };
    default:
      return event satisfies never;
  }
}

interface Said {
  readonly id: string;
  readonly attempt: number;
  readonly to?: MemberId;
}

export function writeBody(said: Said): { readonly codec: "json"; readonly bytes: Uint8Array } {
  return { codec: "json", bytes: new TextEncoder().encode(JSON.stringify(said)) };
}

/** Only simulated clients speak here, so what was said has the shape that they gave it. */
export function readBody(bytes: Uint8Array): Said {
  return JSON.parse(new TextDecoder().decode(bytes));
}
