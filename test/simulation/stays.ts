// A simulated client's rooms: those it wants to be in, its stays in them, and what it makes of what is told of each.
import type { Event, MemberId, Position, RoomEvent, RoomName } from "@heliograph/protocol";
import { comparePositions } from "@heliograph/protocol";
import type { Connections } from "./connections.ts";
import type { Fact, Line, Said } from "./journal.ts";
import type { Notes, Wish } from "./membership.ts";
import { Membership } from "./membership.ts";
import type { Wire } from "./wire.ts";

/** The client whose rooms they are. */
export interface StaysOwner {
  readonly name: string;
  readonly self: MemberId | undefined;
  readonly now: number;
  /** The next counter of what is said outside rooms. */
  nextN(): number;
  /** A server did what none should. */
  trouble(text: string): void;
}

export class Stays {
  readonly memberships = new Map<RoomName, Membership>();
  readonly #owner: StaysOwner;
  readonly #connections: Connections;
  readonly #journal: Line[];
  /** Rooms it wants to be in, and with which PIN. */
  readonly #wanted = new Map<RoomName, string | undefined>();
  /** Of those, the ones that the speaking connection has not answered yet. */
  #unheard = new Set<RoomName>();
  /** What the present connection was resumed from. */
  readonly #named = new Map<RoomName, Position>();
  #ids = 0;

  constructor(owner: StaysOwner, connections: Connections, journal: Line[]) {
    this.#owner = owner;
    this.#connections = connections;
    this.#journal = journal;
  }

  /** As a cloned tab knows them: where it was, and nothing of what it asked. */
  copyTo(clone: Stays): void {
    for (const [room, pin] of this.#wanted) clone.#wanted.set(room, pin);
    for (const { room, self, position } of this.memberships.values()) {
      if (position !== undefined) clone.#membership(room, self).position = position;
    }
  }

  get settled(): boolean {
    if (this.#unheard.size > 0) return false;
    return [...this.memberships.values()].every(
      ({ picture, unanswered }) => picture !== undefined && unanswered.length === 0,
    );
  }

  /** For whoever looks into a failure. */
  get state(): readonly string[] {
    const rooms = [...this.memberships.values()].map(
      ({ room, picture, unanswered }) => `${room} ${picture === undefined ? "unseen" : "seen"} ${unanswered.join(" ")}`,
    );
    return [...rooms, ...[...this.#unheard].map((room) => `${room} unheard`)];
  }

  want(room: RoomName, pin?: string): void {
    // The counters of a stay that is ending must not meet those of the next.
    if (this.#wanted.has(room) || this.memberships.get(room)?.leaving === true) return;
    this.#wanted.set(room, pin);
    const asked = this.#unheard.has(room) || this.memberships.get(room)?.join !== undefined;
    if (this.#connections.speaking !== undefined && !asked) this.#join(this.#connections.speaking, room);
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
    const id = `${this.#owner.name}#${this.#ids}`;
    this.#note(membership, { what: "sent", id, kind, known: position, ...(to === undefined ? {} : { to }) });
    membership.submit(id, wish);
  }

  /** Where a resume is to go on from: rooms that it does not name have to be joined. */
  places(): { readonly room: RoomName; readonly position: Position }[] {
    this.#named.clear();
    return [...this.memberships.values()].flatMap(({ room, position }) => {
      if (position === undefined) return [];
      this.#named.set(room, position);
      return [{ room, position }];
    });
  }

  /** A connection speaks now: what it resumed is waited for, the rest is joined. */
  welcomed(wire: Wire): void {
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

  detach(): void {
    for (const membership of this.memberships.values()) membership.detach();
  }

  /** A reloaded page keeps its places alone. */
  forget(): void {
    for (const membership of [...this.memberships.values()]) {
      membership.forget();
      if (membership.position === undefined) this.memberships.delete(membership.room);
    }
  }

  endAll(why: string): void {
    for (const membership of [...this.memberships.values()]) this.#end(membership, why);
  }

  wantNothing(): void {
    this.#wanted.clear();
  }

  /** The conversation is over: what the client shows now is what it will have shown. */
  conclude(): void {
    for (const membership of this.memberships.values()) {
      const { picture, unanswered } = membership;
      if (picture !== undefined) this.#note(membership, { what: "stays", shown: picture.show(), unanswered });
    }
  }

  /** What was put off goes again; so does a join that was refused for want of the log. */
  look(): void {
    for (const membership of this.memberships.values()) membership.tick();
    const { speaking } = this.#connections;
    if (speaking === undefined) return;
    for (const room of this.#wanted.keys()) {
      const membership = this.memberships.get(room);
      const asked = membership?.join !== undefined || this.#unheard.has(room);
      if (!asked && membership?.picture === undefined) this.#join(speaking, room);
    }
  }

  asOf(rooms: Extract<Event, { type: "pong" }>["rooms"]): void {
    for (const { room, asOf } of rooms) {
      const membership = this.memberships.get(room);
      if (membership?.position === undefined || this.#unheard.has(room)) continue;
      membership.heardAt = this.#owner.now;
      if (comparePositions(asOf, membership.position) <= 0) continue;
      membership.adopt(asOf);
      this.#note(membership, { what: "as of", position: asOf });
    }
  }

  acknowledged(wire: Wire, { room, n, position }: Extract<Event, { type: "ack" }>): void {
    this.memberships.get(room)?.acknowledged(wire, n, position);
    this.#checkLeft(room);
  }

  refused(wire: Wire, event: Extract<Event, { type: "refused" }>): void {
    const { n, room, reason } = event;
    const membership = room === undefined ? undefined : this.memberships.get(room);
    if (membership === undefined || room === undefined) return;
    if (n === undefined) {
      if (reason === "expired" && wire === this.#connections.speaking) this.#endButForJoin(membership, "expired");
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
        this.#owner.trouble(`${this.#owner.name} was refused ${reason} by ${wire.edge.name}`);
      this.#wanted.delete(room);
      if (membership.picture === undefined) this.#end(membership, reason);
      return;
    }
    membership.refused(wire, n, reason);
    this.#checkLeft(room);
  }

  told(wire: Wire, event: Exclude<RoomEvent, { type: "ack" | "letter" }>): void {
    if (!this.#connections.isHeard(wire)) return;
    const membership = this.memberships.get(event.room);
    if (membership === undefined) return;
    if (event.type === "resumed" || event.type === "joined") {
      if (wire !== this.#connections.speaking) return;
      wire.heard.add(event.room);
      // What is replayed counts as a whole: with its verdict, which may bring the changes that the replay left out.
      for (const early of membership.takeReplayed()) this.told(wire, early);
    } else if (!wire.heard.has(event.room)) {
      if (wire === this.#connections.speaking) membership.replayed.push(event);
      return;
    }
    const silent = this.#owner.now - membership.heardAt;
    if (event.type !== "resumed" || event.verdict !== "expired") membership.heardAt = this.#owner.now;
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
        this.#missed(membership, event.gap, event.position, event.view, silent);
        if (event.gap.reason !== "too_old") membership.doubt();
        return;
      case "member":
      case "signal":
      case "broadcast":
      case "data":
      case "settings":
      case "moderated":
        if (membership.hear(wire, event) && event.type === "moderated") {
          const { action } = event;
          const gone = (action.action === "remove" || action.action === "ban") && action.member === this.#owner.self;
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
    if (wire !== this.#connections.speaking) return;
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
    if (wire !== this.#connections.speaking) return;
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
        membership.detach();
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

  #awaitResumed(room: RoomName): void {
    if (this.#owner.self === undefined) return;
    this.#membership(room, this.#owner.self);
    this.#unheard.add(room);
  }

  #join(wire: Wire, room: RoomName): void {
    const self = this.#owner.self;
    if (self === undefined) return;
    const membership = this.#membership(room, self);
    const n = this.#owner.nextN();
    membership.joins += 1;
    membership.join = { wire, n };
    const pin = this.#wanted.get(room);
    // Rooms that it opens have its PIN, and linger: shorter than most silences, longer than most moves.
    const given = pin === undefined ? {} : { pin };
    const opening = { ...given, linger: 5_000 };
    wire.send({ type: "join", n, room, profile: { name: this.#owner.name }, ...given, opening });
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
    for (const wire of [this.#connections.speaking, this.#connections.former]) wire?.heard.delete(membership.room);
    this.#unheard.delete(membership.room);
    this.#note(membership, { what: "ended", why, silent: this.#owner.now - membership.heardAt });
    this.#settleIfHeard();
  }

  /** A join that was sent before the end was known begins a stay of its own: its answer must find someone. */
  #endButForJoin(membership: Membership, why: string): void {
    const { join, room, self } = membership;
    const resuming = this.#unheard.has(room) && this.#named.has(room);
    this.#end(membership, why);
    // What was heard on the connection before: the present one has asked for the room, and is answered.
    if (resuming) return this.#awaitResumed(room);
    if (join === undefined || join.wire !== this.#connections.speaking) return;
    const next = this.#membership(room, self);
    next.join = join;
    next.joins = 1;
  }

  #settleIfHeard(): void {
    if (this.#unheard.size === 0) this.#connections.settle();
  }

  #note(membership: Membership, line: Said): void {
    this.#journal.push({ at: this.#owner.now, who: membership.self, room: membership.room, ...line });
  }
}
