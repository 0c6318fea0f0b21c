// What members say in their rooms: judged, proposed to the log, or kept until the room is at hand; and what they whisper.
import type { RoomCommand, VolatileCommand } from "@heliograph/protocol";
import { compareEpochs } from "@heliograph/protocol";
import { commandBytes, laneFull } from "./allowance.ts";
import type { Backlog } from "./backlog.ts";
import { saidEntry } from "./proposals.ts";
import { detailOf, type Refusals } from "./refusals.ts";
import type { Replica } from "./replica.ts";
import type { Room } from "./room/room.ts";
import type { Session } from "./session.ts";
import type { Stay } from "./stay.ts";
import type { World } from "./world.ts";

export class Saying {
  readonly #world: World;
  readonly #backlog: Backlog;
  readonly #refusals: Refusals;

  constructor(world: World, backlog: Backlog, refusals: Refusals) {
    this.#world = world;
    this.#backlog = backlog;
    this.#refusals = refusals;
  }

  say(session: Session, command: RoomCommand): void {
    const stay = session.stayIn(command.room);
    const { n, room } = command;
    if (stay === undefined || stay.replica === undefined || stay.phase === "unasked") {
      return this.#refusals.refuse(session, "not_a_member", { n, room });
    }
    const { settings } = this.#world;
    const full = laneFull(stay.replica, command.type, settings, this.#backlog);
    if (full || session.outstanding >= settings.limits.outstanding) {
      return this.#refusals.slowDown(session, command, 100);
    }
    if (stay.replica.overdue || mayBeForgotten(stay, stay.replica, n))
      return this.#refusals.refuse(session, "unavailable", { n, room, retryIn: 1_000 });
    stay.asked();
    if (stay.phase === "loading") {
      this.#wait(stay, command);
      return;
    }
    this.propose(stay, stay.replica, command);
  }

  #wait(stay: Stay, command: RoomCommand): void {
    const bytes = commandBytes(command);
    stay.waiting ??= [];
    stay.waiting.push(command);
    stay.waitingBytes += bytes;
    this.#backlog.add(bytes);
  }

  waitNoMore(stay: Stay): readonly RoomCommand[] | undefined {
    const { waiting, waitingBytes } = stay;
    stay.waiting = undefined;
    stay.waitingBytes = 0;
    this.#backlog.less(waitingBytes);
    return waiting;
  }

  propose(stay: Stay, replica: Replica, command: RoomCommand): void {
    const entry = saidEntry(stay, command, this.#world.random);
    const { room } = replica;
    // Behind an own pending join or back the replica cannot judge yet: the log will.
    const verdict = stay.phase === "in" && !isAhead(stay, room) ? room?.judge(entry) : undefined;
    if (verdict === undefined) {
      stay.lastN = Math.max(stay.lastN, command.n);
      replica.propose(entry);
      return;
    }
    stay.answered();
    if (verdict === "repeated") {
      const position = room?.at;
      if (position !== undefined) stay.session.deliver({ type: "ack", room: stay.room, n: command.n, position });
      return;
    }
    if (verdict.reason === "superseded") return;
    this.#refusals.refuse(stay.session, verdict.reason, { n: command.n, room: stay.room, ...detailOf(verdict) });
  }

  whisper(session: Session, command: VolatileCommand): void {
    const stay = session.stayIn(command.room);
    const room = stay?.replica?.room;
    const { room: name } = command;
    if (stay === undefined || room === undefined || stay.phase !== "in") {
      return this.#refusals.refuse(session, "not_a_member", { room: name });
    }
    const { to } = command;
    if (to !== undefined && room.member(to) === undefined)
      return this.#refusals.refuse(session, "unknown_peer", { room: name });
    if (to === undefined && room.member(stay.member)?.role === "viewer") {
      return this.#refusals.refuse(session, "forbidden", { room: name });
    }
    const { member: from, epoch } = stay;
    const message = { from, epoch, ...(to === undefined ? {} : { to }), body: command.body, asOf: room.at };
    const isHere = to !== undefined && stay.replica?.locals.get(to)?.phase === "in";
    this.#world.whisper.send(room.key, message, isHere ? "here" : "everywhere");
  }
}

/**
 * It comes again while a state is sought that may know nothing of its first coming: kept from the log, which would apply
 * it a second time, until it is clear whether its client must take its outcome as unknown.
 */
function mayBeForgotten(stay: Stay, replica: Replica, n: number): boolean {
  return stay.repeats && stay.phase === "in" && !replica.current && n <= stay.lastN;
}

/** A `back` of ours is under way: until it has been applied the replica would fence what follows it. */
function isAhead(stay: Stay, room: Room | undefined): boolean {
  const member = room?.member(stay.member);
  return member !== undefined && compareEpochs(stay.epoch, member.epoch) > 0;
}
