// A session's place in one room, as its node sees it: from the wish to join until it has left.
import type { Epoch, MemberId, Position, RoomCommand, RoomName } from "@heliograph/protocol";
import type { Replica } from "./replica.ts";
import type { JoinWish, Session } from "./session.ts";

/**
 * `loading`: the room is not hosted yet. `joining`, `resuming`: the proposal is under way. `replaying`: it was applied,
 * and what was missed is being read. `in`: hears everything as it is applied. `unasked`: begun by an earlier connection,
 * and the present one has not asked for the room: hears nothing, and is soon away. `gone`: over.
 */
export type StayPhase = "loading" | "joining" | "resuming" | "replaying" | "in" | "unasked" | "gone";

export class Stay {
  readonly session: Session;
  readonly room: RoomName;
  readonly member: MemberId;
  replica: Replica | undefined;
  phase: StayPhase = "loading";
  /** The epoch that speaks, or that a pending proposal will make speak. */
  epoch: Epoch;
  wish: JoinWish | undefined;
  /** Where the log made its epoch speak; until then another connection may. */
  since: Position | undefined;
  /** What the client has heard up to, when it resumes. */
  resumeFrom: Position | undefined;
  /** Commands that came before the room was loaded. */
  waiting: RoomCommand[] | undefined;
  /** Of these, in the backlog of the node. */
  waitingBytes = 0;
  /** Commands that wait for their answer; counted in the session's as well. */
  outstanding = 0;
  /** The highest `n` that was proposed for this member from here, or that its client was told to go on above. */
  lastN = 0;
  /**
   * The client may send a command again that was applied before: one that was refused as undecided, or whose answer could
   * not be told again when this connection resumed.
   */
  repeats = false;
  /** Place in the replica's list of locals. */
  slot = -1;

  constructor(session: Session, room: RoomName, member: MemberId) {
    this.session = session;
    this.room = room;
    this.member = member;
    this.epoch = session.epoch;
  }

  /** One more command waits for its answer. */
  asked(): void {
    this.outstanding += 1;
    this.session.outstanding += 1;
  }

  /** Answers to what an earlier connection asked may come when nothing is counted any more. */
  answered(): void {
    if (this.outstanding === 0) return;
    this.outstanding -= 1;
    this.session.outstanding -= 1;
  }

  /** Nobody waits any more: the stay is over, or another connection asks again. */
  askNothing(): void {
    this.session.outstanding -= this.outstanding;
    this.outstanding = 0;
  }
}
