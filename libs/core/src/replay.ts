// What a client missed between its position and now, from the ring or the log, and whether that is all of it.
import type { GapReason, Position, RoomName } from "@heliograph/protocol";
import { comparePositions } from "@heliograph/protocol";
import type { Stored } from "./ports/log.ts";
import { retell } from "./retell.ts";
import type { Ring } from "./ring.ts";
import type { Room } from "./room/room.ts";
import type { SharedReads } from "./shared-reads.ts";
import type { Told } from "./told.ts";

export type Replay =
  /** `retold`: some of it is from before the loaded state, so the client needs a view for the rest. */
  | { readonly whole: true; readonly told: readonly Told[]; readonly retold: boolean }
  | { readonly whole: false; readonly why: GapReason };

/** At once, when the ring holds everything after the position or nothing had an effect since; else undefined. */
export function replayFromRing(room: Room, ring: Ring, from: Position): Replay | undefined {
  const known = room.remembers(from);
  if (known !== "complete" && known !== "too_old") return { whole: false, why: known };
  if (ring.covers(from)) return { whole: true, told: [...ring.after(from)], retold: false };
  // The state remembers its last effects: when none of them is newer, there is nothing to deliver.
  if (known === "complete" && !room.effectSince(from)) return { whole: true, told: [], retold: false };
  return undefined;
}

/** From the log up to where the ring begins, and from the ring on. The ring may have moved on meanwhile: ask again. */
export async function replayFromLog(
  room: Room,
  name: RoomName,
  ring: Ring,
  reads: SharedReads,
  from: Position,
): Promise<Replay | undefined> {
  const upTo = ring.since;
  const answer = await reads.read(from, upTo.seq);
  if (!ring.covers(upTo)) return undefined;
  const older = retell(room, name, answer.bundles, from).filter((told) => comparePositions(told.position, upTo) <= 0);
  if (!answer.whole && !everyEffectIn(room, answer.bundles, from, upTo)) return { whole: false, why: answer.why };
  return { whole: true, told: [...older, ...ring.after(upTo)], retold: true };
}

/** The log has holes, but every entry that had an effect is among what was read. */
function everyEffectIn(room: Room, bundles: readonly Stored[], from: Position, upTo: Position): boolean {
  if (room.remembers(from) !== "complete") return false;
  // Bundles are stored whole, so a sequence that was read brings all its entries.
  const have = new Set(bundles.map((bundle) => bundle.seq));
  for (const effect of room.effects()) {
    const needed = comparePositions(effect, from) > 0 && comparePositions(effect, upTo) <= 0;
    if (needed && !have.has(effect.seq)) return false;
  }
  return true;
}
