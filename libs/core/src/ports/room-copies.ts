// Remembers rooms for whoever hosts them next.
import type { Position, RoomKey } from "@heliograph/protocol";
import type { RoomCopy } from "../room/copy.ts";
import type { CopyChanges } from "../room/copy-changes.ts";
import type { LinkState } from "./log.ts";

/** A position: nothing was written, the copy stands there. `missing`: there is none. */
export type Advance = "advanced" | "missing" | Position;

/**
 * Promise of every implementation:
 * - A copy never goes back. `advance`, `replace` and `forget` compare positions inside one atomic step. All four reject
 *   with `Unreachable` when the memory is out of reach, which is not the same as absent.
 * - `link` says whether the memory can be asked now; `onLink` tells each change of it, within seconds of what happened.
 *   Where the memory has several parts, one part out of reach is a memory out of reach.
 * - `onLoss` tells that copies may be missing or older than they were: always once the link is up again after it was
 *   down, and within 5 s when the memory was emptied or another server took its place. It may tell without need, and
 *   it may be late or silent about a single write that a server acknowledged and then lost: whoever hosts a room looks
 *   whether its copy stands, when told and by itself some time after each write.
 * - Listeners do not throw, are called outside of every call of this port, and not after they were taken back.
 */
export interface RoomCopies {
  load(room: RoomKey): Promise<RoomCopy | undefined>;
  /**
   * Moves the copy from exactly `from` to `changes.at`, or tells where it stands instead. When the two are the same
   * and nothing has changed, the answer tells whether the copy stands.
   */
  advance(room: RoomKey, from: Position, changes: CopyChanges): Promise<Advance>;
  /**
   * Puts a whole copy in place of an older one, a missing one, or one of an earlier life of the log (`reborn`);
   * `newer`: what is there is as new or newer, and stays. `ttl`: the copy goes by itself after so many milliseconds
   * (an emptied room, remembered for late entries only); without it, it stays.
   */
  replace(
    room: RoomKey,
    copy: RoomCopy,
    options?: { readonly reborn?: boolean; readonly ttl?: number },
  ): Promise<"replaced" | "newer">;
  /** Removes the copy unless it has moved beyond `upTo`. */
  forget(room: RoomKey, upTo: Position): Promise<void>;
  readonly link: LinkState;
  onLink(listener: (state: LinkState) => void): () => void;
  onLoss(listener: () => void): () => void;
}
