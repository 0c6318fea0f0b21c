// One session behind the client: its rooms and joins, on whichever connection speaks for it.
import type {
  ClientFrame,
  DegradedFrame,
  RefusedFrame,
  ServerFrame,
  WelcomeFrame,
  WireLimits,
} from "@heliograph/protocol/schema";
import type { ClientCodec } from "./client-codec.ts";
import type { Connection } from "./connection.ts";
import type { Emitter } from "./emitter.ts";
import { ConnectionOver, Refusal } from "./failure.ts";
import type { ClientEvents, Report } from "./heliograph.ts";
import type { IceOptions } from "./ice.ts";
import { Ice } from "./ice.ts";
import type { Deferred, JoinOptions } from "./joins.ts";
import { deferred, Joins } from "./joins.ts";
import type { LinkOwner, LinkState } from "./link.ts";
import { Link } from "./link.ts";
import type { RoomFrame } from "./membership.ts";
import { Membership } from "./membership.ts";
import { MemoryOutage } from "./memory-outage.ts";
import { Allowance } from "./outbox.ts";
import type { CallClient } from "./room.ts";
import { Room } from "./room.ts";
import type { LeftWhy } from "./room-events.ts";
import type { Place, StoredSession } from "./stored-session.ts";
import type { Clock, PageEvents, Random, SocketConstructor } from "./surroundings.ts";

/** Places are written to the storage at most this often, and when the page is left. */
const keepEvery = 250;
/** A node without the memory is left within this time: long enough for a blip to pass, and for a crowd to spread. */
const driftWithin = 4_000;

export interface SessionParts extends IceOptions {
  readonly urls: readonly string[];
  readonly socket: SocketConstructor;
  readonly codec: ClientCodec;
  readonly clock: Clock;
  readonly random: Random;
  readonly page: PageEvents | undefined;
  readonly stored: StoredSession;
  readonly token?: string;
  readonly client?: { readonly name: string; readonly version: string };
}

export class Session implements LinkOwner {
  readonly ice: Ice;
  readonly #parts: SessionParts;
  readonly #owner: CallClient;
  readonly #events: Emitter<ClientEvents>;
  readonly #stored: StoredSession;
  readonly #link: Link;
  readonly #joins: Joins;
  readonly #allowance: Allowance;
  readonly #memberships = new Map<string, Membership>();
  readonly #rooms = new WeakMap<Membership, Room>();
  /** Rooms that the speaking connection has not answered yet with `resumed` or `joined`. */
  readonly #unheard = new Set<string>();
  /** Rooms of a reloaded page that it has not asked for again. */
  readonly #held = new Set<string>();
  readonly #outage = new MemoryOutage();
  /** Who speaks, since when, and whether it has said that it lacks the memory. */
  #at = { node: "", since: 0, lacking: false };
  #id: string | undefined;
  #limits: WireLimits | undefined;
  #opening: Deferred | undefined;
  #stopKeep: (() => void) | undefined;
  #stopHeld: (() => void) | undefined;
  readonly #keepNow = () => this.#keep();

  constructor(parts: SessionParts, owner: CallClient, events: Emitter<ClientEvents>) {
    this.#parts = parts;
    this.#owner = owner;
    this.#events = events;
    this.#stored = parts.stored;
    this.#allowance = new Allowance(() => this.#flush());
    this.#joins = new Joins(parts.clock, parts.random, (room, connection) =>
      this.#membership(room).joining(connection),
    );
    this.#link = new Link(parts, this);
    this.ice = new Ice({
      ...parts,
      speaking: () => this.#link.speaking,
      told: (held) => events.emit("ice", held),
      failed: (error, where) => owner.failed(error, where),
    });
    for (const [room, place] of parts.stored.places) {
      this.#membership(room, place);
      this.#held.add(room);
    }
  }

  get linkState(): LinkState {
    return this.#link.state;
  }
  get id(): string | undefined {
    return this.#id;
  }
  get limits(): WireLimits | undefined {
    return this.#limits;
  }
  get heldRooms(): readonly string[] {
    return [...this.#held];
  }

  connect(): Promise<void> {
    if (this.#link.speaking !== undefined) return Promise.resolve();
    this.#opening ??= deferred();
    const { promise } = this.#opening;
    this.#parts.page?.addEventListener("pagehide", this.#keepNow);
    this.ice.start();
    this.#link.start();
    return promise;
  }

  close(): void {
    this.#link.stop();
    this.#finish(new ConnectionOver("The client was closed."));
  }

  async join(name: string, options: JoinOptions): Promise<Room> {
    if (this.#link.state === "closed") throw new ConnectionOver("The client is closed: connect first.");
    const known = this.#memberships.get(name);
    // The counters of a stay that is ending must not meet those of the next.
    await known?.leaving?.catch(() => undefined);
    if (known?.picture === undefined || known.state === "left") {
      try {
        await this.#joins.join(name, options);
      } catch (error) {
        const left = this.#memberships.get(name);
        if (left !== undefined && left.picture === undefined && left.resumeFrom === undefined) {
          this.#memberships.delete(name);
        }
        throw error;
      }
    }
    const membership = this.#memberships.get(name);
    const picture = membership?.picture;
    if (membership === undefined || picture === undefined) throw new Refusal("expired");
    const room = this.#rooms.get(membership) ?? new Room(membership, picture, this.#owner);
    this.#rooms.set(membership, room);
    return room;
  }

  report(report: Report): void {
    const connection = this.#link.speaking;
    connection?.send({ type: "report", n: connection.nextN(), ...report });
  }

  // From here on: what the link tells.

  greeting(attempt: number): ClientFrame {
    const { token, client } = this.#parts;
    const who = { attempt, ...(client === undefined ? {} : { client }) };
    const resumeToken = this.#stored.token;
    const iceWish = this.ice.wish;
    if (resumeToken === undefined) {
      const wish = iceWish === "auto" ? {} : { iceWish };
      return { type: "hello", ...who, ...wish, ...(token === undefined ? {} : { token }) };
    }
    const rooms = [...this.#memberships.values()].flatMap(({ name: room, resumeFrom: position }) =>
      position === undefined ? [] : { room, position },
    );
    return { type: "resume", ...who, iceWish, token: resumeToken, rooms };
  }

  attempt(): number {
    return this.#stored.attempt;
  }

  raise(): number {
    return this.#stored.raise();
  }

  state(state: LinkState): void {
    this.#events.emit("state", state);
  }

  failed(error: unknown, where: string): void {
    this.#owner.failed(error, where);
  }

  welcomed(connection: Connection, welcome: WelcomeFrame): void {
    this.#at = { node: welcome.node, since: this.#parts.clock.now(), lacking: false };
    this.#id = welcome.session;
    this.#limits = welcome.limits;
    this.#allowance.limit = welcome.limits.outstanding;
    this.#stored.renew(welcome.token);
    const named = connection.greeting.type === "resume" ? connection.greeting.rooms.map(({ room }) => room) : [];
    this.#unheard.clear();
    for (const membership of this.#memberships.values()) {
      membership.pause();
      if (named.includes(membership.name)) this.#unheard.add(membership.name);
      // Joined while this connection was already on its way, which therefore does not know of it.
      else if (membership.picture !== undefined) this.#rejoin(membership);
    }
    this.#joins.attach(connection);
    this.#leaveHeld(welcome.limits.grace);
    this.ice.granted(welcome.ice);
    this.#events.emit("welcome", { session: welcome.session, resumed: welcome.resumed, node: welcome.node });
    this.#opening?.resolve();
    this.#opening = undefined;
    if (this.#unheard.size === 0) this.#link.settled();
  }

  received(connection: Connection, frame: ServerFrame): void {
    const speaks = connection === this.#link.speaking;
    switch (frame.type) {
      case "welcome":
        break;
      case "refused":
        this.#refused(connection, frame);
        break;
      case "ice":
        // What a node says that is being left is older than the welcome of the next.
        if (speaks) this.ice.granted(frame.ice);
        break;
      case "pong":
        if (!speaks) break;
        // While a room is being replayed the node is ahead of what it has told.
        for (const { room, asOf } of frame.rooms) if (!this.#unheard.has(room)) this.#memberships.get(room)?.asOf(asOf);
        this.#keepSoon();
        break;
      case "goaway":
        if (!speaks) break;
        this.#link.leaveNode(frame.retryIn);
        this.#events.emit("goaway", { retryIn: frame.retryIn });
        break;
      case "degraded":
        if (!speaks) break;
        this.#degraded(frame.missing);
        if (frame.missing.length === 0) this.#hurry();
        this.#events.emit("degraded", { missing: frame.missing });
        break;
      case "ack":
      case "joined":
      case "resumed":
      case "member":
      case "signal":
      case "broadcast":
      case "data":
      case "room":
      case "moderated":
      case "gap":
        this.#heard(connection, frame, speaks);
        break;
      default:
        frame satisfies never;
    }
  }

  lost(): void {
    this.#joins.detach();
    for (const membership of this.#memberships.values()) membership.lost();
    this.ice.lost();
  }

  expired(): void {
    this.#stored.forget();
    this.#id = undefined;
    const rooms = [...this.#memberships.values()].filter((each) => each.picture !== undefined).map(({ name }) => name);
    this.#endAll("expired");
    this.#events.emit("expired", { rooms });
  }

  over(why: "taken_over" | "refused", error: Error): void {
    const session = this.#id;
    this.#finish(error);
    if (why === "taken_over") this.#events.emit("taken_over", { session });
    else this.#owner.failed(error, "connect");
  }

  #degraded(missing: DegradedFrame["missing"]): void {
    const at = this.#at;
    const news = missing.includes("memory") && !at.lacking;
    at.lacking = missing.includes("memory");
    // A move for the log that is not needed any more is called off, and so is one for a memory that is back.
    if (missing.length === 0 || (news && !missing.includes("log"))) this.#link.stay();
    const elsewhere = news && this.#outage.lacking(at.node, this.#parts.clock.now() - at.since);
    if (missing.includes("log")) this.#link.leaveNode();
    else if (elsewhere) this.#link.drift(driftWithin);
  }

  #heard(connection: Connection, frame: RoomFrame, speaks: boolean): void {
    const membership = this.#memberships.get(frame.room);
    if (membership === undefined) return;
    membership.take(connection, frame);
    if (frame.type === "joined") {
      this.#held.delete(frame.room);
      this.#joins.joined(frame.room);
    }
    if (speaks && (frame.type === "joined" || frame.type === "resumed")) this.#answered(frame.room);
    this.#keepSoon();
  }

  #refused(connection: Connection, frame: RefusedFrame): void {
    if (this.#joins.refused(connection, frame)) return;
    if (frame.room !== undefined && this.#memberships.get(frame.room)?.refused(connection, frame) === true) return;
    if (this.ice.declined(connection, frame)) return;
    this.#owner.failed(new Refusal(frame.reason, frame), "refused");
  }

  #answered(room: string): void {
    this.#unheard.delete(room);
    if (this.#unheard.size === 0) this.#link.settled();
  }

  #rejoin(membership: Membership): void {
    this.#unheard.add(membership.name);
    this.#joins.join(membership.name, {}).catch((error: unknown) => {
      this.#answered(membership.name);
      membership.end("expired", error instanceof Refusal ? error.reason : undefined);
    });
  }

  #membership(name: string, place?: Place): Membership {
    const known = this.#memberships.get(name);
    if (known !== undefined) return known;
    const membership = new Membership({
      name,
      clock: this.#parts.clock,
      random: this.#parts.random,
      allowance: this.#allowance,
      failed: (error, where) => this.#owner.failed(error, where),
      ended: (over) => {
        if (this.#memberships.get(name) === over) this.#memberships.delete(name);
        this.#held.delete(name);
        this.#answered(name);
        this.#keepSoon();
      },
      ...(place === undefined ? {} : { place }),
    });
    this.#memberships.set(name, membership);
    return membership;
  }

  /** A reloaded page is a member of its rooms again as soon as it has resumed; one it does not ask for is a ghost there. */
  #leaveHeld(grace: number): void {
    this.#stopHeld?.();
    if (this.#held.size === 0) return;
    this.#stopHeld = this.#parts.clock.after(grace, () => {
      for (const room of [...this.#held]) {
        this.#memberships
          .get(room)
          ?.leave()
          .catch((error: unknown) => this.#owner.failed(error, "leave"));
      }
    });
  }

  #flush(): void {
    for (const membership of this.#memberships.values()) membership.flush();
  }

  #hurry(): void {
    this.#joins.hurry();
    for (const membership of this.#memberships.values()) membership.hurry();
  }

  #keepSoon(): void {
    if (this.#link.state === "closed") return;
    this.#stopKeep ??= this.#parts.clock.after(keepEvery, this.#keepNow);
  }

  #keep(): void {
    this.#stopKeep?.();
    this.#stopKeep = undefined;
    const places = new Map<string, Place>();
    for (const { name, place } of this.#memberships.values()) if (place !== undefined) places.set(name, place);
    this.#stored.place(places);
  }

  #finish(error: Error): void {
    this.#parts.page?.removeEventListener("pagehide", this.#keepNow);
    this.ice.stop();
    for (const stop of [this.#stopHeld, this.#stopKeep]) stop?.();
    this.#stopKeep = undefined;
    this.#stored.forget();
    this.#joins.detach();
    this.#joins.abandon(error);
    this.#endAll("closed");
    this.#id = undefined;
    this.#opening?.reject(error);
    this.#opening = undefined;
  }

  #endAll(why: LeftWhy): void {
    for (const membership of [...this.#memberships.values()]) membership.end(why);
    this.#held.clear();
    this.#unheard.clear();
  }
}
