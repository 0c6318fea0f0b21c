// A simulated client: connects, resumes, moves and speaks by the rules of the wire, and notes all it does and hears.
import type { Close, Command, Event, MemberId, RoomName } from "@heliograph/protocol";
import { closes, memberOfSession } from "@heliograph/protocol";
import type { ConnectionsOwner, Kept } from "./connections.ts";
import { Connections } from "./connections.ts";
import type { Dice } from "./dice.ts";
import type { Edge, House } from "./house.ts";
import type { Line } from "./journal.ts";
import type { Membership, Wish } from "./membership.ts";
import { writeBody } from "./membership.ts";
import type { StaysOwner } from "./stays.ts";
import { Stays } from "./stays.ts";
import type { Wire } from "./wire.ts";

/** Milliseconds between two looks at what is late. */
const tick = 1_000;
/** A ping that has not been answered by then: the client tries elsewhere. */
const deadline = 4_000;

export class Client implements ConnectionsOwner, StaysOwner {
  readonly name: string;
  readonly #house: House;
  readonly #dice: Dice;
  readonly #journal: Line[];
  readonly #kept: Kept;
  readonly #connections: Connections;
  readonly #stays: Stays;
  #self: MemberId | undefined;
  #pinged: { readonly n: number; readonly at: number } | undefined;
  #pingedAt = 0;
  #n = 0;
  #whispers = 0;
  over: string | undefined;

  constructor(name: string, house: House, journal: Line[], dice: Dice, kept: Kept = { attempt: 0, token: undefined }) {
    this.name = name;
    this.#house = house;
    this.#journal = journal;
    this.#dice = dice;
    this.#kept = kept;
    this.#connections = new Connections(this, house, dice, kept);
    this.#stays = new Stays(this, this.#connections, journal);
    this.#tick();
  }

  get self(): MemberId | undefined {
    return this.#self;
  }

  get now(): number {
    return this.#house.clock.now();
  }

  get speaking(): Wire | undefined {
    return this.#connections.speaking;
  }

  get memberships(): ReadonlyMap<RoomName, Membership> {
    return this.#stays.memberships;
  }

  nextN(): number {
    this.#n += 1;
    return this.#n;
  }

  trouble(text: string): void {
    this.#house.trouble(text);
  }

  /** Another page with the same memory: a cloned tab. */
  clone(name: string): Client {
    const clone = new Client(name, this.#house, this.#journal, this.#dice.fork(), { ...this.#kept });
    clone.#self = this.#self;
    this.#stays.copyTo(clone.#stays);
    return clone;
  }

  connect(edge?: Edge): void {
    this.#connections.connect(edge);
  }

  greeting(attempt: number): Command {
    const { token } = this.#kept;
    const rooms = this.#stays.places();
    return token === undefined ? { type: "hello", attempt } : { type: "resume", attempt, token, rooms };
  }

  want(room: RoomName, pin?: string): void {
    this.#stays.want(room, pin);
  }

  leave(room: RoomName): void {
    this.#stays.leave(room);
  }

  say(room: RoomName, kind: string, wish: Wish, to?: MemberId): void {
    this.#stays.say(room, kind, wish, to);
  }

  /** Volatile: said now or never. */
  whisper(room: RoomName, to?: MemberId): void {
    const membership = this.memberships.get(room);
    if (membership?.wire === undefined || membership.leaving) return;
    this.#whispers += 1;
    const about = to === undefined ? {} : { to };
    const body = writeBody({ id: `${this.name}~${this.#whispers}`, attempt: membership.wire.attempt, ...about });
    membership.wire.send({ type: "volatile", room, body, ...about });
  }

  /** The page is loaded anew: the socket closes, and only what is kept survives. */
  reload(): void {
    this.#connections.dropAll();
    this.#stays.detach();
    this.#stays.forget();
    this.#connections.retry(this.#dice.between(50, 800));
  }

  goOffline(ms: number, halfOpen: boolean): void {
    this.#connections.goOffline(ms, halfOpen);
  }

  stallWire(ms: number): void {
    this.speaking?.stall(ms);
  }

  move(): void {
    this.#connections.move();
  }

  race(): void {
    this.#connections.race();
  }

  bye(): void {
    this.speaking?.send({ type: "bye" });
    this.#connections.dropAll();
    this.#stays.detach();
    this.#stays.endAll("bye");
    this.#stays.wantNothing();
    this.#kept.token = undefined;
    this.#self = undefined;
    this.#connections.retry(this.#dice.between(500, 5_000));
  }

  /** For good, without a word. */
  vanish(): void {
    this.over ??= "vanished";
    this.#connections.cut(0, this.#dice.between(0, 3_000));
    this.#stays.endAll("vanished");
  }

  /** Says bye, and does not come back. */
  stop(): void {
    this.over ??= "stopped";
    this.bye();
  }

  conclude(): void {
    if (this.over === undefined) this.#stays.conclude();
  }

  /** Whether it is where it wants to be, with nothing under way. */
  get settled(): boolean {
    if (this.over !== undefined) return true;
    return this.#connections.steady && this.#pinged === undefined && this.#stays.settled;
  }

  /** For whoever looks into a failure. */
  get state(): string {
    return [this.#connections.state, ...this.#stays.state].join(", ");
  }

  heard(wire: Wire, event: Event): void {
    switch (event.type) {
      case "welcome":
        return this.#welcomed(wire, event);
      case "pong":
        if (wire !== this.speaking) return;
        if (this.#pinged?.n === event.n) this.#pinged = undefined;
        return this.#stays.asOf(event.rooms);
      case "goaway":
        return wire === this.speaking ? this.move() : undefined;
      case "degraded":
        if (wire === this.speaking && event.missing.includes("log"))
          this.#connections.retry(this.#dice.between(100, 2_000), true);
        return;
      case "refused":
        return this.#stays.refused(wire, event);
      case "ice":
      case "letter":
        return;
      case "ack":
        return this.#stays.acknowledged(wire, event);
      case "joined":
      case "resumed":
      case "gap":
      case "member":
      case "signal":
      case "broadcast":
      case "data":
      case "settings":
      case "moderated":
        return this.#stays.told(wire, event);
      default:
        return event satisfies never;
    }
  }

  closed(wire: Wire, why: Close | "cut"): void {
    const was = this.#connections.closed(wire);
    if (was === undefined) return;
    if (was === "speaking") this.#stays.detach();
    const after = why === "cut" ? "resume" : why === "taken_over" ? "taken_over" : closes[why].after;
    if (after === "hello") this.#forgetSession();
    if (after === "taken_over" && wire.attempt === this.#kept.attempt) {
      this.over = "taken over";
      this.#stays.endAll("taken over");
      return;
    }
    this.#connections.again();
  }

  #welcomed(wire: Wire, welcome: Extract<Event, { type: "welcome" }>): void {
    if (!this.#connections.welcomed(wire)) return;
    this.#kept.token = welcome.token;
    this.#self = memberOfSession(welcome.session);
    this.#pinged = undefined;
    this.#pingedAt = this.now;
    this.#stays.welcomed(wire);
  }

  #forgetSession(): void {
    this.#kept.token = undefined;
    this.#stays.endAll("session expired");
    this.#self = undefined;
  }

  #tick(): void {
    this.#house.clock.after(tick, () => {
      if (this.over !== undefined) return;
      this.#connections.look(this.now);
      this.#stays.look();
      this.#look();
      this.#tick();
    });
  }

  #look(): void {
    const { speaking, now } = this;
    if (speaking === undefined) return;
    if (this.#pinged !== undefined && now - this.#pinged.at > deadline) {
      this.#pinged = undefined;
      speaking.drop();
      this.closed(speaking, "cut");
    } else if (this.#pinged === undefined && now - this.#pingedAt > 3_000) {
      const n = this.nextN();
      this.#pinged = { n, at: now };
      this.#pingedAt = now;
      speaking.send({ type: "ping", n });
    }
  }
}
