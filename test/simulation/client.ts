// A simulated client: connects, resumes, moves and speaks by the rules of the wire, and notes all it does and hears.
import type { Close, Event, MemberId, Position, RoomEvent, RoomName } from "@heliograph/protocol";
import { closes, comparePositions, memberOfSession } from "@heliograph/protocol";
import type { Dice } from "./dice.ts";
import type { Edge, House } from "./house.ts";
import type { Fact, Line } from "./journal.ts";
import type { Notes, Wish } from "./membership.ts";
import { Membership, writeBody } from "./membership.ts";
import type { WireEnd } from "./wire.ts";
import { Wire } from "./wire.ts";

/** What a page keeps across a reload. */
interface Kept {
  attempt: number;
  token: string | undefined;
}

/** Milliseconds between two looks at what is late. */
const tick = 1_000;
/** A connection that has not been welcomed by then, or a ping not answered: the client tries elsewhere. */
const deadline = 4_000;

type Body<L> = L extends Line ? Omit<L, "at" | "who" | "room"> : never;

export class Client implements WireEnd {
  readonly name: string;
  readonly memberships = new Map<RoomName, Membership>();
  readonly #house: House;
  readonly #dice: Dice;
  readonly #journal: Line[];
  readonly #kept: Kept;
  /** Rooms it wants to be in, and with which PIN. */
  readonly #wanted = new Map<RoomName, string | undefined>();
  #self: MemberId | undefined;
  #speaking: Wire | undefined;
  /** Still heard until the rooms are heard on its successor. */
  #former: Wire | undefined;
  #trying: Wire | undefined;
  #triedAt = 0;
  #retryAt: number | undefined;
  #unheard = new Set<RoomName>();
  #pinged: { readonly n: number; readonly at: number } | undefined;
  #pingedAt = 0;
  #n = 0;
  #ids = 0;
  /** What the present connection was resumed from. */
  readonly #named = new Map<RoomName, Position>();
  /** No network at present. */
  #offline = false;
  over: string | undefined;

  constructor(name: string, house: House, journal: Line[], dice: Dice, kept: Kept = { attempt: 0, token: undefined }) {
    this.name = name;
    this.#house = house;
    this.#journal = journal;
    this.#dice = dice;
    this.#kept = kept;
    this.#tick();
  }

  get self(): MemberId | undefined {
    return this.#self;
  }

  get speaking(): Wire | undefined {
    return this.#speaking;
  }

  /** Another page with the same memory: a cloned tab. */
  clone(name: string): Client {
    const clone = new Client(name, this.#house, this.#journal, this.#dice.fork(), { ...this.#kept });
    clone.#self = this.#self;
    for (const [room, pin] of this.#wanted) clone.#wanted.set(room, pin);
    for (const { room, position } of this.memberships.values()) {
      if (position === undefined || this.#self === undefined) continue;
      const membership = clone.#membership(room, this.#self);
      membership.position = position;
    }
    return clone;
  }

  connect(edge = this.#somewhere()): void {
    this.#retryAt = undefined;
    if (this.over !== undefined || this.#offline) return;
    if (edge === undefined) return this.#retry(500);
    this.#kept.attempt += 1;
    this.#trying?.drop();
    const { attempt, token } = this.#kept;
    const wire = new Wire(edge, attempt, this, this.#house.clock, this.#dice, `address of ${this.name}`);
    this.#trying = wire;
    this.#triedAt = this.#now();
    this.#named.clear();
    if (token === undefined) wire.send({ type: "hello", attempt });
    else wire.send({ type: "resume", attempt, token, rooms: this.#places() });
  }

  want(room: RoomName, pin?: string): void {
    // The counters of a stay that is ending must not meet those of the next.
    if (this.#wanted.has(room) || this.memberships.get(room)?.leaving === true) return;
    this.#wanted.set(room, pin);
    const asked = this.#unheard.has(room) || this.memberships.get(room)?.join !== undefined;
    if (this.#speaking !== undefined && !asked) this.#join(this.#speaking, room);
  }

  leave(room: RoomName): void {
    const membership = this.memberships.get(room);
    this.#wanted.delete(room);
    if (membership === undefined || membership.leaving) return;
    if (membership.picture === undefined) {
      // Neither in nor on the way in: what was refused for now is not asked again.
      const { join, position } = membership;
      if (join === undefined && position === undefined && !this.#unheard.has(room)) this.#end(membership, "given up");
      return;
    }
    membership.leaving = true;
    this.say(room, "leave", (_, n) => ({ type: "leave", n, room }));
  }

  say(room: RoomName, kind: string, wish: Wish, to?: MemberId): void {
    const membership = this.memberships.get(room);
    const { position, leaving } = membership ?? {};
    if (membership === undefined || position === undefined || (leaving && kind !== "leave")) return;
    this.#ids += 1;
    const id = `${this.name}#${this.#ids}`;
    this.#note(membership, { what: "sent", id, kind, known: position, ...(to === undefined ? {} : { to }) });
    membership.submit(id, wish);
  }

  /** Volatile: said now or never. */
  whisper(room: RoomName, to?: MemberId): void {
    const membership = this.memberships.get(room);
    if (membership?.wire === undefined || membership.leaving) return;
    this.#ids += 1;
    const about = to === undefined ? {} : { to };
    const body = writeBody({ id: `${this.name}~${this.#ids}`, attempt: membership.wire.attempt, ...about });
    membership.wire.send({ type: "volatile", room, body, ...about });
  }

  /** The page is loaded anew: the socket closes, and only what is kept survives. */
  reload(): void {
    this.#dropAll();
    for (const membership of [...this.memberships.values()]) {
      membership.forget();
      if (membership.position === undefined) this.memberships.delete(membership.room);
    }
    this.#retry(this.#dice.between(50, 800));
  }

  /** The network is gone for so long; half-open: neither end is told. */
  goOffline(ms: number, halfOpen: boolean): void {
    if (this.#offline) return;
    this.#offline = true;
    this.cutWires(
      halfOpen ? undefined : this.#dice.between(0, 200),
      halfOpen ? this.#dice.between(500, 9_000) : this.#dice.between(0, 500),
    );
    this.#house.clock.after(ms, () => {
      this.#offline = false;
      if (this.#speaking === undefined) this.#retry(0);
    });
  }

  cutWires(clientLearnsIn: number | undefined, nodeLearnsIn: number): void {
    for (const wire of [this.#speaking, this.#former, this.#trying]) wire?.cut(clientLearnsIn, nodeLearnsIn);
  }

  stallWire(ms: number): void {
    this.#speaking?.stall(ms);
  }

  /** Speaks elsewhere, the old connection being heard until the rooms are heard on the new one. */
  move(): void {
    if (this.#trying === undefined && this.#speaking !== undefined) this.connect(this.#elsewhere());
  }

  /** Two connections of one session at once, the older of which may arrive last. */
  race(): void {
    this.connect();
    const first = this.#trying;
    if (first === undefined) return;
    // The client gives it up, but what it sent is under way and late.
    first.stall(this.#dice.between(0, 3_000));
    this.#trying = undefined;
    first.drop();
    this.connect();
  }

  bye(): void {
    this.#speaking?.send({ type: "bye" });
    this.#dropAll();
    for (const membership of [...this.memberships.values()]) this.#end(membership, "bye");
    this.#wanted.clear();
    this.#kept.token = undefined;
    this.#self = undefined;
    this.#retry(this.#dice.between(500, 5_000));
  }

  /** For good, without a word. */
  vanish(): void {
    this.over ??= "vanished";
    this.cutWires(0, this.#dice.between(0, 3_000));
    for (const membership of [...this.memberships.values()]) this.#end(membership, "vanished");
  }

  /** Says bye, and does not come back. */
  stop(): void {
    this.over ??= "stopped";
    this.bye();
  }

  /** The conversation is over: what the client shows now is what it will have shown. */
  conclude(): void {
    for (const membership of this.memberships.values()) {
      const { picture, unanswered } = membership;
      if (picture !== undefined && this.over === undefined) {
        this.#note(membership, { what: "stays", shown: picture.show(), unanswered });
      }
    }
  }

  /** Whether it is where it wants to be, with nothing under way. */
  get settled(): boolean {
    if (this.over !== undefined) return true;
    if (this.#offline || this.#speaking === undefined || this.#trying !== undefined) return false;
    if (this.#pinged !== undefined || this.#unheard.size > 0) return false;
    return [...this.memberships.values()].every(
      ({ picture, unanswered }) => picture !== undefined && unanswered.length === 0,
    );
  }

  /** For whoever looks into a failure. */
  get state(): string {
    const rooms = [...this.memberships.values()].map(
      ({ room, picture, unanswered }) => `${room} ${picture === undefined ? "unseen" : "seen"} ${unanswered.join(" ")}`,
    );
    const trying = this.#trying === undefined ? "" : `, trying ${this.#trying.edge.name}`;
    const retry = this.#retryAt === undefined ? "" : `, retry at ${this.#retryAt}`;
    const link = `${this.#offline ? "no network, " : ""}${retry}${this.#speaking === undefined ? "offline" : `on ${this.#speaking.edge.name}`}${trying}`;
    return [link, ...rooms, ...[...this.#unheard].map((room) => `${room} unheard`)].join(", ");
  }

  heard(wire: Wire, event: Event): void {
    switch (event.type) {
      case "welcome":
        return this.#welcomed(wire, event);
      case "pong":
        return this.#pong(wire, event);
      case "goaway":
        return wire === this.#speaking ? this.move() : undefined;
      case "degraded":
        if (wire === this.#speaking && event.missing.includes("log")) this.#retry(this.#dice.between(100, 2_000), true);
        return;
      case "refused":
        return this.#refused(wire, event);
      case "ice":
        return;
      case "ack":
        this.memberships.get(event.room)?.acknowledged(wire, event.n, event.position);
        return this.#checkLeft(event.room);
      case "joined":
      case "resumed":
      case "gap":
      case "member":
      case "signal":
      case "broadcast":
      case "data":
      case "settings":
      case "moderated":
        return this.#inRoom(wire, event);
      default:
        return event satisfies never;
    }
  }

  closed(wire: Wire, why: Close | "cut"): void {
    if (wire === this.#former) {
      this.#former = undefined;
      return;
    }
    const spoke = wire === this.#speaking;
    if (spoke) {
      this.#speaking = undefined;
      for (const membership of this.memberships.values()) membership.detach();
    } else if (wire === this.#trying) this.#trying = undefined;
    else return;
    const after = why === "cut" ? "resume" : why === "taken_over" ? "taken_over" : closes[why].after;
    if (after === "hello") this.#forgetSession();
    if (after === "taken_over" && wire.attempt === this.#kept.attempt) {
      this.over = "taken over";
      for (const membership of [...this.memberships.values()]) this.#end(membership, "taken over");
      return;
    }
    if (this.#trying === undefined) this.#retry(this.#dice.between(20, 600));
  }

  #welcomed(wire: Wire, welcome: Extract<Event, { type: "welcome" }>): void {
    if (wire !== this.#trying) return;
    this.#trying = undefined;
    this.#kept.token = welcome.token;
    this.#self = memberOfSession(welcome.session);
    this.#former?.drop();
    this.#former = this.#speaking;
    this.#speaking = wire;
    this.#pinged = undefined;
    this.#pingedAt = this.#now();
    this.#unheard = new Set();
    for (const membership of [...this.memberships.values()]) {
      membership.detach();
      if (this.#named.has(membership.room)) this.#unheard.add(membership.room);
      else if (!this.#wanted.has(membership.room)) this.#end(membership, "given up");
    }
    // What was named is being resumed; the rest, joined while this connection was on its way, is asked for.
    for (const room of this.#wanted.keys()) {
      // Named, and over meanwhile on the connection before: asked for again once the resume is answered.
      if (this.#named.has(room)) this.#awaitResumed(room);
      else if (!this.#unheard.has(room)) this.#join(wire, room);
    }
    this.#settleIfHeard();
  }

  #awaitResumed(room: RoomName): void {
    if (this.#self === undefined) return;
    this.#membership(room, this.#self);
    this.#unheard.add(room);
  }

  #pong(wire: Wire, pong: Extract<Event, { type: "pong" }>): void {
    if (wire !== this.#speaking) return;
    if (this.#pinged?.n === pong.n) this.#pinged = undefined;
    for (const { room, asOf } of pong.rooms) {
      const membership = this.memberships.get(room);
      if (membership?.position === undefined || this.#unheard.has(room)) continue;
      membership.heardAt = this.#now();
      if (comparePositions(asOf, membership.position) <= 0) continue;
      membership.adopt(asOf);
      this.#note(membership, { what: "as of", position: asOf });
    }
  }

  #refused(wire: Wire, event: Extract<Event, { type: "refused" }>): void {
    const { n, room, reason } = event;
    const membership = room === undefined ? undefined : this.memberships.get(room);
    if (membership === undefined || room === undefined) return;
    if (n === undefined) {
      if (reason === "expired" && wire === this.#speaking) this.#endButForJoin(membership, "expired");
      return;
    }
    const { join } = membership;
    if (join?.wire === wire && join.n === n) {
      membership.join = undefined;
      if (reason === "unavailable" || reason === "slow_down") {
        // Asked again later, unless it was given up meanwhile.
        if (!this.#wanted.has(room) && membership.picture === undefined) this.#end(membership, reason);
        return;
      }
      if (reason === "already" || reason === "superseded")
        this.#house.trouble(`${this.name} was refused ${reason} by ${wire.edge.name}`);
      this.#wanted.delete(room);
      if (membership.picture === undefined) this.#end(membership, reason);
      return;
    }
    membership.refused(wire, n, reason);
    this.#checkLeft(room);
  }

  #inRoom(wire: Wire, event: Exclude<RoomEvent, { type: "ack" }>): void {
    if (wire !== this.#speaking && wire !== this.#former) return;
    const membership = this.memberships.get(event.room);
    if (membership === undefined) return;
    if (event.type === "resumed" || event.type === "joined") {
      if (wire !== this.#speaking) return;
      wire.heard.add(event.room);
      // What is replayed counts as a whole: with its verdict, which may bring the changes that the replay left out.
      for (const early of membership.takeReplayed()) this.#inRoom(wire, early);
    } else if (!wire.heard.has(event.room)) {
      if (wire === this.#speaking) membership.replayed.push(event);
      return;
    }
    const silent = this.#now() - membership.heardAt;
    if (event.type !== "resumed" || event.verdict !== "expired") membership.heardAt = this.#now();
    switch (event.type) {
      case "joined":
        return this.#joined(wire, membership, event);
      case "resumed":
        return this.#resumed(wire, membership, event, silent);
      case "gap":
        if (event.gap.reason === "log_restarted") {
          if (!membership.restart(wire, event.position)) return;
        } else if (membership.position !== undefined && comparePositions(event.position, membership.position) < 0)
          return;
        return this.#missed(membership, event.gap, event.position, event.view, silent);
      case "member":
      case "signal":
      case "broadcast":
      case "data":
      case "settings":
      case "moderated":
        membership.hear(wire, event);
        if (event.type === "moderated") {
          const { action } = event;
          const gone = (action.action === "remove" || action.action === "ban") && action.member === this.#self;
          if (gone) {
            this.#wanted.delete(event.room);
            this.#endButForJoin(membership, "moderated");
          }
        }
        return;
      default:
        return event satisfies never;
    }
  }

  #joined(wire: Wire, membership: Membership, event: Extract<RoomEvent, { type: "joined" }>): void {
    if (wire !== this.#speaking) return;
    const again = membership.joins > 1;
    membership.join = undefined;
    const shown = membership.show(event.self, event.view).show();
    if (membership.position === undefined) membership.position = event.position;
    this.#note(membership, { what: "joined", position: event.position, again, shown });
    membership.attach(wire, event.mark);
    this.#unheard.delete(event.room);
    this.#settleIfHeard();
    if (!this.#wanted.has(event.room)) this.leave(event.room);
  }

  #resumed(wire: Wire, membership: Membership, event: Extract<RoomEvent, { type: "resumed" }>, silent: number): void {
    if (wire !== this.#speaking) return;
    this.#unheard.delete(event.room);
    // The stay that was named ended meanwhile, and another was asked for on the connection before.
    if (membership.position === undefined) {
      if (event.verdict === "expired" && !this.#wanted.has(event.room)) this.#end(membership, "expired");
      else if (membership.join?.wire !== wire) this.#join(wire, event.room);
      return;
    }
    switch (event.verdict) {
      case "expired":
        this.#end(membership, "expired");
        break;
      case "gap":
        if (event.gap.reason === "log_restarted") membership.restart(wire, event.position);
        this.#missed(membership, event.gap, event.position, event.view, silent);
        if (event.gap.reason !== "too_old") membership.doubt();
        membership.attach(wire, event.mark);
        this.#leaveAgain(membership);
        break;
      case "complete": {
        const from = this.#named.get(event.room) ?? membership.position;
        const { self } = membership;
        const shown = event.view === undefined ? undefined : membership.show(self, event.view).show();
        membership.adopt(event.position);
        this.#note(membership, { what: "resumed", position: event.position, from, shown });
        membership.attach(wire, event.mark);
        // A reloaded page has no picture to go on with, so it asks for one.
        if (membership.picture === undefined) this.#join(wire, event.room);
        break;
      }
      default:
        event satisfies never;
    }
    this.#settleIfHeard();
  }

  #missed(
    membership: Membership,
    gap: Extract<RoomEvent, { type: "gap" }>["gap"],
    position: Position,
    view: Extract<RoomEvent, { type: "gap" }>["view"],
    silent: number,
  ): void {
    const shown = membership.show(membership.self, view).show();
    membership.adopt(position);
    this.#note(membership, { what: "gap", gap, position, silent, shown });
  }

  #places(): { readonly room: RoomName; readonly position: Position }[] {
    return [...this.memberships.values()].flatMap(({ room, position }) => {
      if (position === undefined) return [];
      this.#named.set(room, position);
      return [{ room, position }];
    });
  }

  #join(wire: Wire, room: RoomName): void {
    const self = this.#self;
    if (self === undefined) return;
    const membership = this.#membership(room, self);
    this.#n += 1;
    membership.joins += 1;
    membership.join = { wire, n: this.#n };
    const pin = this.#wanted.get(room);
    wire.send({ type: "join", n: this.#n, room, profile: { name: this.name }, ...(pin === undefined ? {} : { pin }) });
  }

  #membership(room: RoomName, self: MemberId): Membership {
    const known = this.memberships.get(room);
    if (known !== undefined) return known;
    const notes: Notes = {
      applied: (id, by) => this.#note(membership, { what: "answered", id, outcome: "applied", by }),
      refused: (id, reason) => this.#note(membership, { what: "answered", id, outcome: "refused", reason }),
      again: (id) => this.#note(membership, { what: "again", id }),
      unknown: (id) => this.#note(membership, { what: "answered", id, outcome: "unknown" }),
      heard: (fact: Fact, position, attempt) => this.#note(membership, { what: "heard", fact, position, attempt }),
      whispered: (fact, attempt) => this.#note(membership, { what: "whispered", fact, attempt }),
    };
    const membership = new Membership(room, self, notes);
    this.memberships.set(room, membership);
    return membership;
  }

  /** What became of its `leave` is not known: once more does no harm. */
  #leaveAgain(membership: Membership): void {
    if (!membership.leaving || membership.unanswered.length > 0) return;
    membership.leaving = false;
    this.leave(membership.room);
  }

  /** After `leave` was answered, whatever the answer, the stay is over. */
  #checkLeft(room: RoomName): void {
    const membership = this.memberships.get(room);
    if (membership?.leaving === true && membership.unanswered.length === 0) this.#end(membership, "left");
  }

  #end(membership: Membership, why: string): void {
    if (this.memberships.get(membership.room) !== membership) return;
    this.memberships.delete(membership.room);
    membership.detach();
    membership.abandon();
    // What comes of the next stay counts from its own answer on.
    for (const wire of [this.#speaking, this.#former]) wire?.heard.delete(membership.room);
    this.#unheard.delete(membership.room);
    this.#note(membership, { what: "ended", why, silent: this.#now() - membership.heardAt });
    this.#settleIfHeard();
  }

  /** A join that was sent before the end was known begins a stay of its own: its answer must find someone. */
  #endButForJoin(membership: Membership, why: string): void {
    const { join, room, self } = membership;
    const resuming = this.#unheard.has(room) && this.#named.has(room);
    this.#end(membership, why);
    // What was heard on the connection before: the present one has asked for the room, and is answered.
    if (resuming) return this.#awaitResumed(room);
    if (join === undefined || join.wire !== this.#speaking) return;
    const next = this.#membership(room, self);
    next.join = join;
    next.joins = 1;
  }

  #forgetSession(): void {
    this.#kept.token = undefined;
    for (const membership of [...this.memberships.values()]) this.#end(membership, "session expired");
    this.#self = undefined;
  }

  #settleIfHeard(): void {
    if (this.#unheard.size > 0) return;
    this.#former?.drop();
    this.#former = undefined;
  }

  #dropAll(): void {
    for (const wire of [this.#speaking, this.#former, this.#trying]) wire?.drop();
    this.#speaking = undefined;
    this.#former = undefined;
    this.#trying = undefined;
    for (const membership of this.memberships.values()) membership.detach();
  }

  #retry(ms: number, elsewhere = false): void {
    if (this.over !== undefined || this.#retryAt !== undefined) return;
    const at = this.#now() + ms;
    this.#retryAt = at;
    this.#house.clock.after(ms, () => {
      if (this.#retryAt === at) this.connect(elsewhere ? this.#elsewhere() : undefined);
    });
  }

  #tick(): void {
    this.#house.clock.after(tick, () => {
      if (this.over !== undefined) return;
      this.#look();
      this.#tick();
    });
  }

  #look(): void {
    const now = this.#now();
    if (this.#trying !== undefined && now - this.#triedAt > deadline) {
      this.#trying.drop();
      this.#trying = undefined;
      this.#retry(0);
    }
    for (const membership of this.memberships.values()) membership.tick();
    const speaking = this.#speaking;
    if (speaking === undefined) return;
    // A join refused for want of the log is asked again.
    for (const room of this.#wanted.keys()) {
      const membership = this.memberships.get(room);
      const asked = membership?.join !== undefined || this.#unheard.has(room);
      if (!asked && membership?.picture === undefined) this.#join(speaking, room);
    }
    if (this.#pinged !== undefined && now - this.#pinged.at > deadline) {
      this.#pinged = undefined;
      speaking.drop();
      this.closed(speaking, "cut");
    } else if (this.#pinged === undefined && now - this.#pingedAt > 3_000) {
      this.#n += 1;
      this.#pinged = { n: this.#n, at: now };
      this.#pingedAt = now;
      speaking.send({ type: "ping", n: this.#n });
    }
  }

  #somewhere(): Edge | undefined {
    return this.#dice.pick(this.#house.living);
  }

  #elsewhere(): Edge | undefined {
    const others = this.#house.living.filter((edge) => edge !== this.#speaking?.edge);
    return this.#dice.pick(others) ?? this.#somewhere();
  }

  #note(membership: Membership, line: Body<Line>): void {
    this.#journal.push({ at: this.#now(), who: membership.self, room: membership.room, ...line });
  }

  #now(): number {
    return this.#house.clock.now();
  }
}
