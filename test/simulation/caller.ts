// A simulated client with a personal channel: no rooms, no positions; it writes letters and is written to.
import type { Close, Command, Event, MemberView, SessionId } from "@heliograph/protocol";
import { closes, personalRoom } from "@heliograph/protocol";
import type { ConnectionsOwner } from "./connections.ts";
import { Connections } from "./connections.ts";
import type { Dice } from "./dice.ts";
import type { House } from "./house.ts";
import { readBody, writeBody } from "./membership.ts";
import type { Wire } from "./wire.ts";

export interface SentLetter {
  readonly id: string;
  /** The addressee's name. */
  readonly to: string;
  readonly wire: Wire;
  /** The how-manieth of its writer. */
  readonly count: number;
  readonly at: number;
}

export interface ReadLetter {
  readonly id: string;
  readonly wire: Wire;
  readonly from: SessionId | undefined;
}

export class Caller implements ConnectionsOwner {
  readonly name: string;
  readonly sent: SentLetter[] = [];
  readonly read: ReadLetter[] = [];
  over: string | undefined;
  readonly #house: House;
  readonly #dice: Dice;
  readonly #kept: { attempt: number; token: string | undefined } = { attempt: 0, token: undefined };
  readonly #connections: Connections;
  #session: SessionId | undefined;
  /** Of its last ping on the connection that speaks, while that is not answered. */
  #pinged: { readonly n: number; readonly at: number } | undefined;
  #n = 0;
  #answered = false;
  /** The connection on which its channel was opened last, and when. */
  #open: { readonly wire: Wire; readonly since: number } | undefined;

  constructor(name: string, house: House, dice: Dice) {
    this.name = name;
    this.#house = house;
    this.#dice = dice;
    this.#connections = new Connections(this, house, dice, this.#kept);
    this.#tick();
  }

  get session(): SessionId | undefined {
    return this.#session;
  }

  /** Since when letters come to it by the connection that speaks; undefined: they do not. */
  get openSince(): number | undefined {
    return this.#open?.wire === this.#connections.speaking ? this.#open?.since : undefined;
  }

  get settled(): boolean {
    if (this.over !== undefined) return true;
    return this.#connections.steady && this.#answered && this.openSince !== undefined;
  }

  get state(): string {
    return `${this.#connections.state}, channel ${this.openSince === undefined ? "closed" : "open"}`;
  }

  /** A network that has forgotten the connection tells neither end: only an answer from now on shows that it has not. */
  doubt(): void {
    this.#answered = false;
    this.#pinged = undefined;
  }

  connect(): void {
    this.#connections.connect();
  }

  greeting(attempt: number): Command {
    const { token } = this.#kept;
    const channel = { profile: { name: this.name } };
    return token === undefined
      ? { type: "hello", attempt, channel }
      : { type: "resume", attempt, token, rooms: [], channel };
  }

  write(to: Caller): void {
    const wire = this.#connections.speaking;
    if (wire === undefined || to.session === undefined || this.over !== undefined) return;
    const count = this.sent.length + 1;
    const id = `${this.name} to ${to.name}#${count}`;
    this.sent.push({ id, to: to.name, wire, count, at: this.#house.clock.now() });
    wire.send({ type: "letter", to: to.session, body: writeBody({ id, attempt: wire.attempt }) });
  }

  /** Something happens to its connection. */
  stumble(): void {
    const dice = this.#dice;
    const what = dice.weigh({ cut: 3, halfOpen: 2, stall: 2, reload: 3, move: 4, race: 3 });
    switch (what) {
      case "cut":
        return this.#connections.goOffline(dice.between(0, 9_000), false);
      case "halfOpen":
        return this.#connections.goOffline(dice.between(500, 9_000), true);
      case "stall":
        return this.#connections.speaking?.stall(dice.between(200, 7_000));
      case "reload":
        this.#connections.dropAll();
        return this.#connections.retry(dice.between(0, 800));
      case "move":
        return this.#connections.move();
      case "race":
        return this.#connections.race();
      default:
        return what satisfies never;
    }
  }

  /** For good: with a word, or with its socket alone. */
  stop(): void {
    this.over ??= "stopped";
    if (this.#dice.chance(0.3)) this.#connections.speaking?.send({ type: "bye" });
    this.#connections.dropAll();
  }

  heard(wire: Wire, event: Event): void {
    switch (event.type) {
      case "welcome":
        if (!this.#connections.welcomed(wire)) return;
        this.#kept.token = event.token;
        this.#session = event.session;
        this.#answered = true;
        this.#pinged = undefined;
        return;
      case "pong":
        if (event.n !== this.#pinged?.n) return;
        this.#pinged = undefined;
        this.#answered = true;
        return;
      case "joined":
        if (wire !== this.#connections.speaking) return;
        this.#opened(wire, event.view.members);
        return;
      case "letter":
        if (event.room !== this.#channel) this.#house.trouble(`${this.name} heard of another channel`);
        if (this.#connections.isHeard(wire))
          this.read.push({ id: readBody(event.body.bytes).id, wire, from: event.from });
        return;
      case "goaway":
        return wire === this.#connections.speaking ? this.#connections.move() : undefined;
      case "degraded":
        if (event.missing.includes("log") && wire === this.#connections.speaking)
          this.#connections.retry(this.#dice.between(100, 2_000), true);
        return;
      default:
        return;
    }
  }

  closed(wire: Wire, why: Close | "cut"): void {
    const was = this.#connections.closed(wire);
    if (was === undefined) return;
    const after = why === "cut" ? "resume" : closes[why].after;
    if (after === "hello") this.#kept.token = undefined;
    if (why === "taken_over" && wire.attempt === this.#kept.attempt) {
      this.#house.trouble(`${this.name} was taken over by nobody`);
      this.over = "taken over";
      return;
    }
    this.#connections.again();
  }

  get #channel() {
    return this.#session === undefined ? undefined : personalRoom(this.#session);
  }

  #opened(wire: Wire, [only, ...more]: readonly MemberView[]): void {
    if (more.length > 0 || String(only?.id) !== this.#session || only?.state !== "present")
      this.#house.trouble(`${this.name} is not alone in its channel`);
    this.#open = { wire, since: this.#house.clock.now() };
    this.#connections.settle();
  }

  #tick(): void {
    this.#house.clock.after(1_000, () => {
      if (this.over !== undefined) return;
      this.#connections.look(this.#house.clock.now());
      this.#ping();
      this.#tick();
    });
  }

  /** A connection that is silent is given up. */
  #ping(): void {
    const now = this.#house.clock.now();
    const { speaking } = this.#connections;
    if (speaking === undefined) return;
    if (this.#pinged === undefined) {
      this.#n += 1;
      this.#pinged = { n: this.#n, at: now };
      speaking.send({ type: "ping", n: this.#n });
    } else if (now - this.#pinged.at > 4_000) {
      this.#pinged = undefined;
      speaking.drop();
      this.closed(speaking, "cut");
    }
  }
}
