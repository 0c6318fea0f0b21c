// One running edge: opens and resumes sessions, and brings what they ask to their rooms.
import type {
  Body,
  ChannelWish,
  Hello,
  LetterCommand,
  MemberView,
  NodeId,
  Outcome,
  Realm,
  Reason,
  Resume,
  RoomCommand,
  RoomName,
  SessionCommand,
  SessionId,
  VolatileCommand,
} from "@heliograph/protocol";
import { accepted, memberOfSession, personalRoom, refused, roomKey } from "@heliograph/protocol";
import { delayFor } from "./allowance.ts";
import { Channels } from "./channels.ts";
import type { Connection, Origin } from "./connection.ts";
import { Entrance, type EntranceHost } from "./entrance.ts";
import { IceDesk } from "./ice-desk.ts";
import { newSessionId } from "./identity.ts";
import type { Timer } from "./ports/clock.ts";
import { detailOf, Refusals } from "./refusals.ts";
import type { Replica } from "./replica.ts";
import type { JoinEntry } from "./room/entry.ts";
import { Rooms, type RoomsHost } from "./rooms.ts";
import { Saying } from "./saying.ts";
import { Session } from "./session.ts";
import { SessionRecords } from "./session-records.ts";
import { Stay } from "./stay.ts";
import type { Watcher } from "./watcher.ts";
import type { World } from "./world.ts";

export class Node implements RoomsHost, EntranceHost {
  readonly #world: World;
  readonly #rooms: Rooms;
  readonly #entrance: Entrance;
  readonly #refusals: Refusals;
  readonly #saying: Saying;
  readonly #channels: Channels;
  readonly #sessions = new Map<SessionId, Session>();
  readonly #records: SessionRecords;
  readonly #ice: IceDesk;
  readonly #unlisten: readonly (() => void)[];
  readonly #began: number;
  #goaway: Timer | undefined;

  constructor(world: World) {
    this.#world = world;
    this.#began = world.clock.now();
    this.#rooms = new Rooms(world, this);
    this.#entrance = new Entrance(world, this, (needed) => {
      const { beats } = this.#rooms;
      return needed ? beats.heardRules() : beats.agreedRules();
    });
    this.#refusals = new Refusals(world);
    this.#saying = new Saying(world, this.#rooms.backlog, this.#refusals);
    this.#channels = new Channels(world, this.#rooms, this.#refusals);
    this.#records = new SessionRecords(world, this.#sessions, this.#began);
    this.#ice = new IceDesk(world, this.#sessions);
    this.#unlisten = [world.log.onLink(() => this.#tellMissing()), world.copies.onLink(() => this.#tellMissing())];
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
    const outcome =
      opening.type === "hello" ? this.#hello(connection, opening, origin) : this.#resume(connection, opening, origin);
    if (!outcome.ok) {
      this.#world.observer.observe({ type: "refused", reason: outcome.reason, command: opening.type });
      connection.deliver({ type: "refused", reason: outcome.reason, ...detailOf(outcome) });
    }
    return outcome;
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
        return this.#join(session, command);
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
    session.connection = undefined;
    this.#ice.rest(session);
    for (const stay of [...session.stays]) {
      const { replica } = stay;
      if (stay.phase === "loading" || replica === undefined) this.#endStay(stay);
      else replica.propose({ kind: "away", member: stay.member, epoch: stay.epoch });
    }
    this.#forgetIfOver(session);
  }

  /**
   * As `lost`, of a dialect whose clients are gone with their socket: instead of waiting for its grace the session leaves
   * all its rooms at once, and its mates hear that it was lost.
   */
  depart(session: Session, connection: Connection): void {
    if (session.connection !== connection) return;
    session.connection = undefined;
    this.#leaveAll(session, true);
    this.#ice.rest(session);
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
  drain(pace: { readonly perSecond: number; readonly retryIn: number }): void {
    const { clock } = this.#world;
    // Timers are not worth setting for less than ten milliseconds: then several are asked at once.
    const together = Math.ceil(pace.perSecond / 100);
    const row = this.#sessions.values();
    const ask = (): void => {
      this.#goaway = undefined;
      for (let asked = 0; asked < together; ) {
        const next = row.next();
        if (next.done === true) return;
        if (next.value.connection === undefined) continue;
        next.value.deliver({ type: "goaway", retryIn: pace.retryIn });
        asked += 1;
      }
      this.#goaway = clock.after((together * 1_000) / pace.perSecond, ask);
    };
    this.#goaway?.cancel();
    ask();
  }

  /** Ends what the node runs by itself. Connections are the caller's to close before. */
  end(): void {
    for (const unlisten of this.#unlisten) unlisten();
    this.#goaway?.cancel();
    this.#channels.end();
    this.#rooms.end();
    this.#records.end();
    this.#ice.end();
    this.#sessions.clear();
  }

  loaded(replica: Replica): void {
    for (const stay of [...replica.locals.all]) if (stay.phase === "loading") this.#enter(stay, replica);
  }

  notLoaded(replica: Replica): void {
    for (const stay of [...replica.locals.all]) {
      if (stay.phase !== "loading") continue;
      // A resume must not be told `expired` for what nobody can know now: the client comes back.
      if (stay.resumeFrom !== undefined) stay.session.close("unavailable");
      else replica.claims.refuseStay(stay, "unavailable");
    }
  }

  stayEnded(stay: Stay): void {
    this.#endStay(stay);
    this.#forgetIfOver(stay.session);
  }

  /** A higher epoch was seen in the log: this node speaks for the session no more, in none of its rooms. */
  superseded(stay: Stay): void {
    const { session } = stay;
    // Not the bump: a room may have claimed its member back, or seen it join again, while the others did not.
    if (stay.epoch.attempt !== session.epoch.attempt) {
      // A stay that this session's present connection did not resume; the session itself goes on.
      this.stayEnded(stay);
      return;
    }
    session.close("taken_over");
    session.connection = undefined;
    this.#ice.rest(session);
    // Its other rooms follow when the new connection names them; those it does not name become `away`.
    this.stayEnded(stay);
  }

  #hello(connection: Connection, hello: Hello, origin: Origin): Outcome<Session> {
    if (hello.token !== undefined) return refused("unauthorized", "this server knows no issuer of tokens");
    const { clock, settings, random, id } = this.#world;
    const epoch = { attempt: hello.attempt, bump: 0, node: id };
    const session = new Session(
      newSessionId(random),
      origin,
      hello.client,
      connection,
      epoch,
      settings.commandBurst,
      clock.now() - this.#began,
    );
    session.iceWish = hello.iceWish ?? session.iceWish;
    this.#sessions.set(session.id, session);
    this.#welcome(session, false);
    if (hello.channel !== undefined) this.#openChannel(session, hello.channel);
    return accepted(session);
  }

  #resume(connection: Connection, resume: Resume, origin: Origin): Outcome<Session> {
    const { clock, settings, tokens, log, id } = this.#world;
    const claims = tokens.verify(resume.token, clock.now());
    if (!claims.ok) return claims;
    if (claims.value.realm !== origin.realm) return refused("unauthorized", "token of another realm");
    if (resume.rooms.length > settings.limits.roomsPerSession) return refused("too_many_rooms");
    // A node that cannot append would leave its client in between: it goes elsewhere before anything has begun.
    if (log.link === "down") return refused("unavailable", "the log is out of reach", 1_000);
    const epoch = { attempt: resume.attempt, bump: 0, node: id };
    const known = this.#sessions.get(claims.value.session);
    if (known !== undefined && known.epoch.attempt >= resume.attempt) return refused("superseded");
    const session =
      known ??
      new Session(
        claims.value.session,
        origin,
        resume.client,
        connection,
        epoch,
        settings.commandBurst,
        clock.now() - this.#began,
      );
    if (known !== undefined) {
      const former = known.connection;
      known.connection = connection;
      known.origin = origin;
      known.epoch = epoch;
      for (const stay of [...known.stays]) this.#leaveUnasked(stay);
      former?.close("taken_over");
    }
    session.iceWish = resume.iceWish ?? session.iceWish;
    this.#sessions.set(session.id, session);
    this.#welcome(session, true);
    if (resume.channel !== undefined) this.#openChannel(session, resume.channel);
    for (const { room, position } of resume.rooms) {
      // A room that is at hand may have told already that a newer connection speaks: then this one is over.
      if (session.connection !== connection) break;
      const stay = this.#stay(session, room);
      stay.epoch = epoch;
      stay.repeats = false;
      stay.resumeFrom = position;
      stay.wish = undefined;
      stay.phase = "loading";
      this.#enterWhenLoaded(stay);
    }
    return accepted(session);
  }

  /** Of a former connection: the present one takes up what it names or joins, and knows nothing of the rest. */
  #leaveUnasked(stay: Stay): void {
    stay.askNothing();
    stay.wish = undefined;
    if (stay.phase === "loading") this.#endStay(stay);
    else stay.phase = "unasked";
  }

  #welcome(session: Session, resumed: boolean): void {
    const { clock, settings, tokens, observer, id } = this.#world;
    const { realm } = session.origin;
    session.deliver({
      type: "welcome",
      session: session.id,
      token: tokens.issue({ realm, session: session.id }, clock.now()),
      resumed,
      node: id,
      limits: settings.limits,
      ice: this.#ice.give(session, resumed ? "resume" : "greeting"),
    });
    const missing = this.#missing();
    if (missing.length > 0) session.deliver({ type: "degraded", missing });
    this.#records.changed(session);
    observer.observe({ type: "session_opened", session: session.id, resumed });
  }

  #openChannel(session: Session, { profile }: ChannelWish): void {
    const stay = this.#stay(session, personalRoom(session.id));
    stay.epoch = session.epoch;
    stay.resumeFrom = undefined;
    stay.wish = {
      n: undefined,
      pin: undefined,
      exactPin: false,
      opening: undefined,
      profile,
      role: undefined,
      anew: true,
    };
    stay.phase = "loading";
    this.#enterWhenLoaded(stay);
  }

  #join(session: Session, join: Extract<SessionCommand, { type: "join" }>): void {
    const { room, n } = join;
    const known = session.stayIn(room);
    const { limits } = this.#world.settings;
    if (known === undefined && session.stays.length >= limits.roomsPerSession) {
      return this.#refusals.refuse(session, "too_many_rooms", { n, room });
    }
    const { backlog } = this.#rooms;
    if (backlog.bytes > this.#world.settings.backlogBytes) return this.#refusals.slowDown(session, join, 100);
    const busy = known !== undefined && known.phase !== "in" && known.phase !== "unasked";
    if (busy || known?.wish !== undefined) return this.#refusals.refuse(session, "already", { n, room });
    const stay = this.#stay(session, room);
    stay.epoch = session.epoch;
    stay.resumeFrom = undefined;
    const { pin, opening, profile, role } = join;
    stay.wish = { n, pin, exactPin: join.exactPin === true, opening, profile, role, anew: join.anew === true };
    if (stay.phase !== "in") stay.phase = "loading";
    this.#enterWhenLoaded(stay);
  }

  /** The session's stay in the room, begun if there is none. */
  #stay(session: Session, room: RoomName): Stay {
    const known = session.stayIn(room);
    if (known !== undefined) return known;
    const stay = new Stay(session, room, memberOfSession(session.id));
    session.addStay(stay);
    this.#records.changed(session);
    const replica = this.#rooms.open(roomKey(session.origin.realm, room));
    stay.replica = replica;
    replica.locals.add(stay);
    return stay;
  }

  #enterWhenLoaded(stay: Stay): void {
    const { replica } = stay;
    if (replica !== undefined && this.#rooms.current(replica)) this.#enter(stay, replica);
  }

  /** The room is at hand: the stay proposes its `join` or `back`. */
  #enter(stay: Stay, replica: Replica): void {
    const { room } = replica;
    if (room === undefined) return;
    this.#entrance.enter(stay, replica);
    const waiting = this.#saying.waitNoMore(stay);
    if (waiting !== undefined && stay.phase !== "gone")
      for (const command of waiting) this.#saying.propose(stay, replica, command);
  }

  askAgain(stay: Stay, replica: Replica, refused: JoinEntry): boolean {
    return this.#entrance.askAgain(stay, replica, refused);
  }

  shutOut(stay: Stay, reason: Reason, retryIn: number): void {
    const n = stay.wish?.n === undefined ? {} : { n: stay.wish.n };
    this.#refusals.refuse(stay.session, reason, { ...n, room: stay.room, retryIn });
    this.stayEnded(stay);
  }

  #leaveAll(session: Session, lost: boolean): void {
    for (const stay of [...session.stays]) {
      const { replica } = stay;
      if (replica === undefined || stay.phase === "loading") {
        this.#endStay(stay);
        continue;
      }
      const why = lost ? { lost: true as const } : {};
      replica.propose({ kind: "leave", from: stay.member, epoch: stay.epoch, n: stay.lastN + 1, ...why });
    }
  }

  #bye(session: Session): void {
    const { connection } = session;
    this.#leaveAll(session, false);
    // What is still on its way finds no one to answer; members that a leave does not reach become `away`.
    session.connection = undefined;
    this.#ice.rest(session);
    connection?.close("normal");
    this.#forgetIfOver(session);
  }

  #endStay(stay: Stay): void {
    if (stay.phase === "gone") return;
    stay.phase = "gone";
    stay.askNothing();
    this.#saying.waitNoMore(stay);
    stay.session.dropStay(stay);
    this.#records.changed(stay.session);
    const { replica } = stay;
    if (replica === undefined) return;
    replica.locals.remove(stay);
    this.#rooms.release(replica);
  }

  #forgetIfOver(session: Session): void {
    if (session.connection !== undefined || session.stays.length > 0) return;
    if (this.#sessions.get(session.id) !== session) return;
    this.#sessions.delete(session.id);
    this.#records.over(session);
  }

  /** What this node is cut off from. */
  #missing(): ("log" | "memory")[] {
    const { log, copies } = this.#world;
    return [...(log.link === "down" ? ["log" as const] : []), ...(copies.link === "down" ? ["memory" as const] : [])];
  }

  #tellMissing(): void {
    const missing = this.#missing();
    for (const session of this.#sessions.values()) session.deliver({ type: "degraded", missing });
  }
}
