// The stays of this node's sessions: begun when a session asks for a room, brought in once it is at hand, and ended.
import type { ChannelWish, Position, Reason, RoomName, SessionCommand } from "@heliograph/protocol";
import { memberOfSession, personalRoom, roomKey } from "@heliograph/protocol";
import { Entrance, type EntranceHost } from "./entrance.ts";
import type { Refusals } from "./refusals.ts";
import type { Replica } from "./replica.ts";
import type { JoinEntry } from "./room/entry.ts";
import { Rooms, type RoomsHost } from "./rooms.ts";
import { Saying } from "./saying.ts";
import type { Session } from "./session.ts";
import { Stay } from "./stay.ts";
import type { World } from "./world.ts";

/** What becomes of sessions by what becomes of their stays. */
export interface StaysHost {
  /** Its rooms are others than before. */
  moved(session: Session): void;
  /** Another connection speaks for it, elsewhere: the one it had here is closed. */
  disconnected(session: Session): void;
  /** Without a connection, and without any other stay, it is over. */
  stayEnded(session: Session): void;
}

export class Stays implements RoomsHost, EntranceHost {
  readonly rooms: Rooms;
  /** What is said during stays. */
  readonly saying: Saying;
  readonly #world: World;
  readonly #host: StaysHost;
  readonly #entrance: Entrance;
  readonly #refusals: Refusals;

  constructor(world: World, refusals: Refusals, host: StaysHost) {
    this.#world = world;
    this.#host = host;
    this.#refusals = refusals;
    this.rooms = new Rooms(world, this);
    this.#entrance = new Entrance(world, this, (needed) => {
      const { beats } = this.rooms;
      return needed ? beats.heardRules() : beats.agreedRules();
    });
    this.saying = new Saying(world, this.rooms.backlog, refusals);
  }

  join(session: Session, join: Extract<SessionCommand, { type: "join" }>): void {
    const { room, n } = join;
    const known = session.stayIn(room);
    const { limits } = this.#world.settings;
    if (known === undefined && session.stays.length >= limits.roomsPerSession) {
      return this.#refusals.refuse(session, "too_many_rooms", { n, room });
    }
    const { backlog } = this.rooms;
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

  /** Nobody waits for an answer. */
  joinChannel(session: Session, { profile }: ChannelWish): void {
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

  /** The session's client has heard the room up to there. */
  resume(session: Session, room: RoomName, position: Position): void {
    const stay = this.#stay(session, room);
    stay.epoch = session.epoch;
    stay.repeats = false;
    stay.resumeFrom = position;
    stay.wish = undefined;
    stay.phase = "loading";
    this.#enterWhenLoaded(stay);
  }

  /** Another connection speaks here: it takes up what it names or joins, and knows nothing of the rest. */
  askAnew(session: Session): void {
    for (const stay of [...session.stays]) {
      stay.askNothing();
      stay.wish = undefined;
      if (stay.phase === "loading") this.#end(stay);
      else stay.phase = "unasked";
    }
  }

  /** The session has no connection: it is `away` wherever it is a member. */
  goAway(session: Session): void {
    for (const stay of [...session.stays]) {
      const { replica } = stay;
      if (stay.phase === "loading" || replica === undefined) this.#end(stay);
      else replica.propose({ kind: "away", member: stay.member, epoch: stay.epoch });
    }
  }

  /** `lost`: its mates hear that it did not want to. */
  leaveAll(session: Session, lost: boolean): void {
    for (const stay of [...session.stays]) {
      const { replica } = stay;
      if (replica === undefined || stay.phase === "loading") {
        this.#end(stay);
        continue;
      }
      const why = lost ? { lost: true as const } : {};
      replica.propose({ kind: "leave", from: stay.member, epoch: stay.epoch, n: stay.lastN + 1, ...why });
    }
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
    this.#end(stay);
    this.#host.stayEnded(stay.session);
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
    this.#host.disconnected(session);
    // Its other rooms follow when the new connection names them; those it does not name become `away`.
    this.stayEnded(stay);
  }

  askAgain(stay: Stay, replica: Replica, refused: JoinEntry): boolean {
    return this.#entrance.askAgain(stay, replica, refused);
  }

  shutOut(stay: Stay, reason: Reason, retryIn: number): void {
    const n = stay.wish?.n === undefined ? {} : { n: stay.wish.n };
    this.#refusals.refuse(stay.session, reason, { ...n, room: stay.room, retryIn });
    this.stayEnded(stay);
  }

  /** The session's stay in the room, begun if there is none. */
  #stay(session: Session, room: RoomName): Stay {
    const known = session.stayIn(room);
    if (known !== undefined) return known;
    const stay = new Stay(session, room, memberOfSession(session.id));
    session.addStay(stay);
    this.#host.moved(session);
    const replica = this.rooms.open(roomKey(session.origin.realm, room));
    stay.replica = replica;
    replica.locals.add(stay);
    return stay;
  }

  #enterWhenLoaded(stay: Stay): void {
    const { replica } = stay;
    if (replica !== undefined && this.rooms.current(replica)) this.#enter(stay, replica);
  }

  /** The room is at hand: the stay proposes its `join` or `back`. */
  #enter(stay: Stay, replica: Replica): void {
    const { room } = replica;
    if (room === undefined) return;
    this.#entrance.enter(stay, replica);
    const waiting = this.saying.waitNoMore(stay);
    if (waiting !== undefined && stay.phase !== "gone")
      for (const command of waiting) this.saying.propose(stay, replica, command);
  }

  #end(stay: Stay): void {
    if (stay.phase === "gone") return;
    stay.phase = "gone";
    stay.askNothing();
    this.saying.waitNoMore(stay);
    stay.session.dropStay(stay);
    this.#host.moved(stay.session);
    const { replica } = stay;
    if (replica === undefined) return;
    replica.locals.remove(stay);
    this.rooms.release(replica);
  }
}
