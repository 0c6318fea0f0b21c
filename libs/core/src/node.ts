// One running edge: opens and resumes sessions, and brings what they ask to their rooms.
import type {
  Body,
  Hello,
  LetterCommand,
  MemberView,
  NodeId,
  Outcome,
  Realm,
  Resume,
  RoomCommand,
  RoomName,
  SessionCommand,
  SessionId,
  VolatileCommand,
} from "@heliograph/protocol";
import { roomKey } from "@heliograph/protocol";
import { delayFor } from "./allowance.ts";
import { Channels } from "./channels.ts";
import type { Connection, Origin } from "./connection.ts";
import { Degraded } from "./degraded.ts";
import { Drain, type DrainPace } from "./drain.ts";
import { IceDesk } from "./ice-desk.ts";
import { Refusals } from "./refusals.ts";
import type { Rooms } from "./rooms.ts";
import type { Saying } from "./saying.ts";
import type { Session } from "./session.ts";
import { SessionOpenings } from "./session-openings.ts";
import { SessionRecords } from "./session-records.ts";
import { Stays } from "./stays.ts";
import type { Watcher } from "./watcher.ts";
import type { World } from "./world.ts";

export class Node {
  readonly #world: World;
  readonly #began: number;
  readonly #sessions = new Map<SessionId, Session>();
  readonly #refusals: Refusals;
  readonly #stays: Stays;
  readonly #rooms: Rooms;
  readonly #saying: Saying;
  readonly #channels: Channels;
  readonly #records: SessionRecords;
  readonly #ice: IceDesk;
  readonly #degraded: Degraded;
  readonly #openings: SessionOpenings;
  readonly #drain: Drain;

  constructor(world: World) {
    this.#world = world;
    this.#began = world.clock.now();
    this.#refusals = new Refusals(world);
    this.#stays = new Stays(world, this.#refusals, {
      moved: (session) => this.#records.changed(session),
      disconnected: (session) => this.#disconnect(session),
      stayEnded: (session) => this.#forgetIfOver(session),
    });
    this.#rooms = this.#stays.rooms;
    this.#saying = this.#stays.saying;
    this.#channels = new Channels(world, this.#rooms, this.#refusals);
    this.#records = new SessionRecords(world, this.#sessions, this.#began);
    this.#ice = new IceDesk(world, this.#sessions);
    this.#degraded = new Degraded(world, this.#sessions);
    this.#openings = new SessionOpenings(world, {
      sessions: this.#sessions,
      stays: this.#stays,
      records: this.#records,
      ice: this.#ice,
      degraded: this.#degraded,
      began: this.#began,
    });
    this.#drain = new Drain(world.clock, this.#sessions);
  }

  get id(): NodeId {
    return this.#world.id;
  }

  /** Sessions with or without a connection, and what is kept for rooms: zero when everyone has left. */
  get size(): { readonly sessions: number; readonly rooms: number; readonly kept: number } {
    const kept = this.#rooms.size + this.#records.size + this.#ice.size + this.#channels.size;
    return { sessions: this.#sessions.size, rooms: this.#rooms.hosted, kept };
  }

  /** Whether the session is here, connected or in its grace: not any more once another node speaks for it. */
  speaksFor(session: SessionId): boolean {
    return this.#sessions.has(session);
  }

  /** Sessions that were given STUN only while there was no TURN, and are told when there is. */
  get waitingForTurn(): number {
    return this.#ice.waiting;
  }

  /** Whether it knows by now what others can apply: rooms that joins open with settings have them from then on. */
  get knowsRules(): boolean {
    return this.#rooms.beats.heardRules() !== undefined;
  }

  /** Whether everything it said has been applied, and the rooms that nobody here needs were let go, copies written. */
  get settled(): boolean {
    return this.#rooms.settled;
  }

  /**
   * Begins a session, or takes one over. `welcome` has been delivered when this returns a session; a refusal has been
   * delivered too, and the caller closes the connection with what `closeAfter` says.
   */
  open(connection: Connection, opening: Hello | Resume, origin: Origin): Outcome<Session> {
    return this.#openings.open(connection, opening, origin);
  }

  command(session: Session, command: SessionCommand | RoomCommand | VolatileCommand | LetterCommand): void {
    const { clock, settings } = this.#world;
    const wait = delayFor(session, clock.now() - this.#began, settings);
    if (wait > 0) {
      this.#refusals.slowDown(session, command, wait);
      return;
    }
    // One for one: the allowance lets a command through every now and then, whatever else is sent.
    if (session.slowed > 0) session.slowed -= 1;
    switch (command.type) {
      case "join":
        return this.#stays.join(session, command);
      case "ice":
        session.iceWish = command.wish ?? session.iceWish;
        return session.deliver({ type: "ice", n: command.n, ice: this.#ice.give(session, "request") });
      case "report":
        return this.#world.observer.observe({ type: "connection_report", session: session.id, report: command.report });
      case "ping":
        return session.deliver({ type: "pong", n: command.n, rooms: session.places });
      case "bye":
        return this.#bye(session);
      case "volatile":
        return this.#saying.whisper(session, command);
      case "letter":
        return this.#channels.write(session, command);
      case "leave":
      case "signal":
      case "broadcast":
      case "profile":
      case "data":
      case "settings":
      case "moderate":
        return this.#saying.say(session, command);
      default:
        return command satisfies never;
    }
  }

  /** The connection is gone, for whatever reason: its stays become `away`, unless someone else speaks already. */
  lost(session: Session, connection: Connection): void {
    if (session.connection !== connection) return;
    this.#disconnect(session);
    this.#stays.goAway(session);
    this.#forgetIfOver(session);
  }

  /**
   * As `lost`, of a dialect whose clients are gone with their socket: instead of waiting for its grace the session leaves
   * all its rooms at once, and its mates hear that it was lost.
   */
  depart(session: Session, connection: Connection): void {
    if (session.connection !== connection) return;
    this.#disconnect(session);
    this.#stays.leaveAll(session, true);
    this.#forgetIfOver(session);
  }

  /** Who the session's user is has changed, as its origin tells by now: look-ups by user find it soon. */
  named(session: Session): void {
    this.#records.changed(session);
  }

  /** A letter of the house itself, to the session's personal channel: nobody learns whether it arrived. */
  letter(realm: Realm, to: SessionId, body: Body): void {
    this.#channels.writeAsHouse(realm, to, body);
  }

  /**
   * The session as its personal channel shows it, wherever it is connected, or `away` for its grace. Refused:
   * `unknown_peer` for one that has no channel now, `unavailable` when nobody could be asked. Takes bounded time.
   */
  look(realm: Realm, session: SessionId): Promise<Outcome<MemberView>> {
    return this.#channels.look(realm, session);
  }

  /** Hosts the room until `stop`, and tells the watcher what goes on in it; at once, where the room is at hand. */
  watch(realm: Realm, room: RoomName, watcher: Watcher): () => void {
    return this.#rooms.watch(roomKey(realm, room), watcher);
  }

  /** Asks clients to resume elsewhere, a few at a time, so that the other nodes are not run over. */
  drain(pace: DrainPace): void {
    this.#drain.begin(pace);
  }

  /** Ends what the node runs by itself. Connections are the caller's to close before. */
  end(): void {
    this.#degraded.end();
    this.#drain.end();
    this.#channels.end();
    this.#rooms.end();
    this.#records.end();
    this.#ice.end();
    this.#sessions.clear();
  }

  #bye(session: Session): void {
    const { connection } = session;
    this.#stays.leaveAll(session, false);
    // What is still on its way finds no one to answer; members that a leave does not reach become `away`.
    this.#disconnect(session);
    connection?.close("normal");
    this.#forgetIfOver(session);
  }

  /** Whoever spoke for the session here does so no more. */
  #disconnect(session: Session): void {
    session.connection = undefined;
    this.#ice.rest(session);
  }

  #forgetIfOver(session: Session): void {
    if (session.connection !== undefined || session.stays.length > 0) return;
    if (this.#sessions.get(session.id) !== session) return;
    this.#sessions.delete(session.id);
    this.#records.over(session);
  }
}
