// Copies of rooms, shared by the nodes of a cluster in memory.
import type { Position, RoomKey } from "@heliograph/protocol";
import { comparePositions } from "@heliograph/protocol";
import type { LinkState } from "../ports/log.ts";
import type { Advance, RoomCopies } from "../ports/room-copies.ts";
import type { RoomCopy } from "../room/copy.ts";
import type { CopyChanges } from "../room/copy-changes.ts";
import { withChanges } from "../room/copy-changes.ts";
import type { Expiring } from "./expiring.ts";
import type { Reach } from "./reach.ts";

/** Copies of living rooms have no end of their own. */
const forGood = Number.POSITIVE_INFINITY;

export class MemoryRoomCopies implements RoomCopies {
  readonly #reach: Reach;
  readonly #copies: Expiring<RoomKey, RoomCopy>;

  /** `copies` is what the nodes of one cluster share. */
  constructor(reach: Reach, copies: Expiring<RoomKey, RoomCopy>) {
    this.#reach = reach;
    this.#copies = copies;
  }

  get link(): LinkState {
    return this.#reach.link;
  }

  onLink(listener: (state: LinkState) => void): () => void {
    return this.#reach.onLink(listener);
  }

  onLoss(listener: () => void): () => void {
    return this.#reach.onLoss(listener);
  }

  load(room: RoomKey): Promise<RoomCopy | undefined> {
    return this.#reach.ask(() => this.#copies.get(room));
  }

  advance(room: RoomKey, from: Position, changes: CopyChanges): Promise<Advance> {
    return this.#reach.ask(() => {
      const copy = this.#copies.get(room);
      if (copy === undefined) return "missing";
      if (copy.at.time !== from.time || comparePositions(copy.at, from) !== 0) return copy.at;
      this.#copies.set(room, withChanges(copy, changes), forGood);
      return "advanced";
    });
  }

  replace(
    room: RoomKey,
    copy: RoomCopy,
    options: { readonly reborn?: boolean; readonly ttl?: number } = {},
  ): Promise<"replaced" | "newer"> {
    return this.#reach.ask(() => {
      const there = this.#copies.get(room);
      if (there !== undefined && !isNewer(copy.at, there.at, options.reborn ?? false)) return "newer";
      this.#copies.set(room, copy, options.ttl ?? forGood);
      return "replaced";
    });
  }

  forget(room: RoomKey, upTo: Position): Promise<void> {
    return this.#reach.ask(() => {
      const copy = this.#copies.get(room);
      if (copy !== undefined && copy.at.time <= upTo.time && comparePositions(copy.at, upTo) <= 0) {
        this.#copies.delete(room);
      }
    });
  }
}

/**
 * Within one life of the log sequence and time rise together. A position of a later life has a later time, perhaps
 * with a lower sequence: it counts as newer only when the writer knows that the log was reborn, and a writer that
 * does not know can never put the earlier life back.
 */
function isNewer(at: Position, there: Position, reborn: boolean): boolean {
  if (at.time < there.time) return false;
  return comparePositions(at, there) > 0 || (reborn && at.time > there.time);
}
