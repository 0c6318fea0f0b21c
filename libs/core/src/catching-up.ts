// From what a client heard last to hearing everything: its join or resume is answered with what it missed, or the gap.
import type { GapReason, Position } from "@heliograph/protocol";
import { comparePositions } from "@heliograph/protocol";
import { afterwards } from "./afterwards.ts";
import { give, giveGap, giveJoined, giveLetters, giveSaid } from "./hearing.ts";
import { type Replay, replayFromLog, replayFromRing } from "./replay.ts";
import type { Replica } from "./replica.ts";
import type { Room } from "./room/room.ts";
import { SharedReads } from "./shared-reads.ts";
import type { Stay } from "./stay.ts";
import type { World } from "./world.ts";

export class CatchingUp {
  readonly #replica: Replica;
  readonly #world: World;
  /** Once somebody has resumed from before the ring. */
  #reads: SharedReads | undefined;

  constructor(replica: Replica, world: World) {
    this.#replica = replica;
    this.#world = world;
  }

  /** `awaySince`: log time from which on nobody spoke for the member. */
  joined(stay: Stay, position: Position, awaySince: number | undefined): void {
    const room = this.#replica.room;
    const first = room?.member(stay.member)?.joined;
    if (room === undefined || first === undefined) return;
    if (stay.wish?.anew === true) return this.#joinedAnew(room, stay, position, awaySince);
    if (first.seq === position.seq && first.index === position.index) {
      stay.phase = "in";
      giveJoined(room, stay, position);
      return;
    }
    // Its first answer was lost: as it is now, and what was said to it since.
    this.#catchUp(stay, first, (replay) => {
      giveJoined(room, stay, replay.whole ? first : room.at);
      if (replay.whole) giveSaid(room, stay, replay.told);
      else {
        stay.repeats = true;
        this.tellGap(room, stay, first, replay.why);
      }
    });
  }

  #joinedAnew(room: Room, stay: Stay, position: Position, awaySince: number | undefined): void {
    const from = awaySince === undefined ? undefined : beforeWhatWaits(room, awaySince, position);
    if (from === undefined) {
      stay.phase = "in";
      giveJoined(room, stay, position);
      return;
    }
    this.#catchUp(stay, from, (replay) => {
      giveJoined(room, stay, replay.whole ? from : room.at);
      if (replay.whole) giveLetters(room, stay, replay.told, awaySince ?? from.time);
      else this.tellGap(room, stay, from, replay.why);
    });
  }

  /** A claim made the member present again: letters that waited are its own. */
  reclaimed(stay: Stay, position: Position, awaySince: number): void {
    const { room, ring } = this.#replica;
    const from = room === undefined ? undefined : beforeWhatWaits(room, awaySince, position);
    if (room === undefined || ring === undefined || from === undefined) return;
    // Of what the ring does not have, the reload of the room has told a gap.
    giveLetters(room, stay, ring.after(from), awaySince);
  }

  resume(stay: Stay, from: Position): void {
    this.#catchUp(stay, from, (replay) => {
      stay.resumeFrom = undefined;
      const room = this.#replica.room;
      const member = room?.member(stay.member);
      if (room === undefined || member === undefined) return;
      stay.lastN = Math.max(stay.lastN, member.mark.n);
      const base = { type: "resumed", room: this.#replica.name, mark: member.mark.n, position: room.at } as const;
      if (replay.whole) {
        for (const told of replay.told) give(room, stay, told);
        const view = replay.retold ? { view: room.view(stay.member) } : {};
        stay.session.deliver({ ...base, verdict: "complete", ...view });
      } else {
        this.#world.observer.observe({ type: "gap", room: this.#replica.key, reason: replay.why });
        const gap = { from, to: room.at, reason: replay.why };
        stay.repeats = replay.why === "too_old";
        stay.session.deliver({ ...base, verdict: "gap", gap, view: room.view(stay.member) });
      }
    });
  }

  /** Ends with the stay hearing everything: `tell` and going live are one step, so nothing slips between. */
  #catchUp(stay: Stay, from: Position, tellIt: (replay: Replay) => void): void {
    const room = this.#replica.room;
    const ring = this.#replica.ring;
    if (room === undefined || ring === undefined) return;
    const atOnce = replayFromRing(room, ring, from);
    if (atOnce !== undefined) {
      stay.phase = "in";
      tellIt(atOnce);
      return;
    }
    stay.phase = "replaying";
    // A claim against a wrong away raises the bump meanwhile; another connection has another attempt.
    const { attempt } = stay.epoch;
    const stillWanted = (): boolean =>
      stay.phase === "replaying" && stay.epoch.attempt === attempt && this.#replica.room === room;
    this.#reads ??= new SharedReads(this.#replica.key, this.#world.log, this.#world.clock);
    afterwards(
      replayFromLog(room, this.#replica.name, ring, this.#reads, from),
      "a resume",
      this.#world.observer,
      (replay) => {
        if (!stillWanted()) return;
        // A state adopted meanwhile has a ring of its own, and judges anew what can be told.
        if (replay === undefined || this.#replica.ring !== ring) this.#catchUp(stay, from, tellIt);
        else {
          stay.phase = "in";
          tellIt(replay);
        }
      },
      () => {
        if (!stillWanted()) return;
        stay.session.close("unavailable");
      },
    );
  }

  tellGap(room: Room, stay: Stay, from: Position, reason: GapReason): void {
    this.#world.observer.observe({ type: "gap", room: this.#replica.key, reason });
    giveGap(room, stay, from, reason);
  }
}

/**
 * A place before everything that had an effect after the member went away, and before it came back at `position`;
 * undefined: nothing had. Of letters at the very millisecond of the `away` nobody can say to whom they went.
 */
function beforeWhatWaits(room: Room, awaySince: number, position: Position): Position | undefined {
  const effects = room.effects().filter((effect) => comparePositions(effect, position) < 0);
  const first = effects.findIndex(({ time }) => time > awaySince);
  return first < 0 ? undefined : effects[Math.max(0, first - 1)];
}
