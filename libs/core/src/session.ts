// A client's identity on this node: its one connection, its epoch, and the rooms it is in.
import type {
  ClientInfo,
  Close,
  Epoch,
  Event,
  IceWish,
  Opening,
  Position,
  Profile,
  Role,
  RoomName,
  SessionId,
} from "@heliograph/protocol";
import type { Connection, Origin } from "./connection.ts";
import type { HeldIce } from "./held-ice.ts";
import type { Stay } from "./stay.ts";

/** Shared by all sessions without stays: replaced, never changed. */
const none: Stay[] = [];

/** Fixed fields and arrays: a hundred thousand of these stand in one process. */
export class Session {
  readonly id: SessionId;
  /** Of the connection that speaks now. */
  origin: Origin;
  readonly client: ClientInfo | undefined;
  /** Whoever speaks now; undefined: lost, its stays are on their way to `left`. */
  connection: Connection | undefined;
  epoch: Epoch;
  stays: Stay[] = none;
  /** Commands that wait for their answer. */
  outstanding = 0;
  /** Commands it may send at once now, as of `allowedAt`: milliseconds since the node began, small enough to need no memory. */
  allowance: number;
  allowedAt: number;
  /** Milliseconds since the node began. */
  readonly openedAt: number;
  /** Refusals with `slow_down`, less what was accepted since. */
  slowed = 0;
  /** The client's last. */
  iceWish: IceWish = "auto";
  ice: HeldIce | undefined;

  constructor(
    id: SessionId,
    origin: Origin,
    client: ClientInfo | undefined,
    connection: Connection,
    epoch: Epoch,
    allowance: number,
    now: number,
  ) {
    this.id = id;
    this.origin = origin;
    this.client = client;
    this.connection = connection;
    this.epoch = epoch;
    this.allowance = allowance;
    this.allowedAt = now;
    this.openedAt = now;
  }

  deliver(event: Event): void {
    this.connection?.deliver(event);
  }

  /** The door reports the end of the connection as it would any other: stays become `away` then. */
  close(why: Close): void {
    this.connection?.close(why);
  }

  /** Of each room that it is in: everything up to there has been delivered. */
  get places(): { readonly room: RoomName; readonly asOf: Position }[] {
    const places = [];
    for (const { phase, replica, room } of this.stays) {
      if (phase === "in" && replica?.room !== undefined) places.push({ room, asOf: replica.room.at });
    }
    return places;
  }

  stayIn(room: RoomName): Stay | undefined {
    for (const stay of this.stays) if (stay.room === room) return stay;
    return undefined;
  }

  addStay(stay: Stay): void {
    // An array literal has room for what it holds; one grown by push keeps sixteen places more.
    if (this.stays.length === 0) this.stays = [stay];
    else this.stays.push(stay);
  }

  dropStay(stay: Stay): void {
    this.stays = this.stays.filter((each) => each !== stay);
  }
}

/** A join as its client asked for it. */
export interface JoinWish {
  /** Absent: nobody waits for the answer, it is the session's channel. */
  readonly n: number | undefined;
  readonly pin: string | undefined;
  /** The PIN must be one that is needed. */
  readonly exactPin: boolean;
  readonly opening: Opening | undefined;
  readonly profile: Profile;
  readonly role: Role | undefined;
  /** Its client keeps no positions: of what was said before it is told only what nobody can have heard. */
  readonly anew: boolean;
}
