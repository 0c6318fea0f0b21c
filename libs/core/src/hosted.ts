// What a node keeps for one room that it hosts, besides the replica itself.
import type { Timer } from "./ports/clock.ts";
import type { Missed, Replica } from "./replica.ts";
import type { RoomCopy } from "./room/copy.ts";
import type { Whispers } from "./whispers.ts";

export interface Hosted {
  readonly replica: Replica;
  readonly whispers: Whispers;
  unhost: (() => void) | undefined;
  deadline: Timer | undefined;
  retry: Timer | undefined;
  /** Until this sequence has been applied the room is not current; undefined: it is. */
  upTo: number | undefined;
  /** What members must be told once the room is current again. */
  missed: Missed | undefined;
  /** Sequence of the state at which the room broke off last. */
  brokeAt: number | undefined;
  /** What this node had when the room broke off, until it is current again: should nobody have anything better. */
  had: RoomCopy | undefined;
  /** Nobody had a state when it was looked for last, though the log has entries. */
  soughtInVain: boolean;
  /** The state to propose to everyone once `upTo` is reached; the room is current when one has been adopted. */
  adopts: (() => RoomCopy | undefined) | undefined;
  leaving: boolean;
  /** The room went beyond this node's rules: what was appended last will never be applied here. */
  outgrown: boolean;
}

export function newlyHosted(replica: Replica, whispers: Whispers): Hosted {
  return {
    replica,
    whispers,
    unhost: undefined,
    deadline: undefined,
    retry: undefined,
    upTo: undefined,
    missed: undefined,
    brokeAt: undefined,
    had: undefined,
    soughtInVain: false,
    adopts: undefined,
    leaving: false,
    outgrown: false,
  };
}

/** Whether the room is loaded, and everything that it must have applied by now. */
export function isCurrent({ upTo, replica }: Hosted): boolean {
  return upTo === undefined && replica.room !== undefined;
}
