// Remembers rooms for whoever hosts them next.
import type { Position, RoomKey } from "@heliograph/protocol";
import type { RoomCopy } from "../room/copy.ts";
import type { CopyChanges } from "../room/copy-changes.ts";

/**
 * Promise: a copy never goes back. All three compare positions inside one atomic step. They reject with `Unreachable`
 * when the memory is out of reach, which is not the same as absent.
 */
export interface RoomCopies {
  load(room: RoomKey): Promise<RoomCopy | undefined>;
  /** Moves the copy from exactly `from` to `changes.at`; `elsewhere`: it stands somewhere else or is missing. */
  advance(room: RoomKey, from: Position, changes: CopyChanges): Promise<"advanced" | "elsewhere">;
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
}
