// From what a client heard last to hearing everything: its join or resume is answered with what it missed, or the gap.
import type { GapReason, Position } from "@heliograph/protocol";
import { afterwards } from "./afterwards.ts";
import { give, giveGap, giveJoined, giveSaid } from "./hearing.ts";
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

  joined(stay: Stay, position: Position): void {
    const room = this.#replica.room;
    const first = room?.member(stay.member)?.joined;
    if (room === undefined || first === undefined) return;
    if (first.seq === position.seq && first.index === position.index) {
      stay.phase = "in";
      giveJoined(room, stay, position);
      return;
    }
    // Its first answer was lost: as it is now, and what was said to it since.
    this.#catchUp(stay, first, (replay) => {
      giveJoined(room, stay, replay.whole ? first : room.at);
      if (replay.whole) giveSaid(room, stay, replay.told);
      else this.tellGap(room, stay, first, replay.why);
    });
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
