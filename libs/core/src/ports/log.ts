// The ordered, durable record of every room: the only order there is.
import type { Position, RoomKey } from "@heliograph/protocol";
import type { Entry } from "../room/entry.ts";

/** One bundle as the log keeps it. Entry `i` stands at `{seq, index: i, time}`. */
export interface Stored {
  readonly seq: number;
  /** Milliseconds since 1970 by the log's own clock, never decreasing within a stream. */
  readonly time: number;
  readonly entries: readonly Entry[];
}

/** Where a follow's bundles go. Neither method may throw. */
export interface Follower {
  /** The next bundle of the room after the last one, without holes. */
  stored(bundle: Stored): void;
  /**
   * The room can no longer be followed without a hole: bundles after the last one have aged out or cannot be read
   * (`lost`), or the stream was lost and began again (`reborn`). Nothing more comes; the follower loads the room anew.
   */
  broken(why: "lost" | "reborn"): void;
}

export interface Follow {
  /**
   * Resolves when an entry appended from now on is certain to come. Rejects never; waits while the link is down.
   */
  readonly proved: Promise<void>;
  /**
   * Begins to deliver: every bundle after the one that `after` stands in (undefined: from the room's first bundle,
   * which must have no predecessor). Bundles that came before the call wait for it and may be told within it. Called once.
   */
  start(after: Position | undefined): void;
  /**
   * An entry of the room is known to be stored at this sequence (an own append was acknowledged, another host has
   * applied it): if its live copy does not come, it is read. Finds a lost last message, which no successor reveals. May tell the follower within the call.
   */
  mention(seq: number): void;
  /** Ends the follow; nothing is delivered after the call. */
  end(): void;
}

export type ReadAnswer =
  /** Every stored bundle of the room after the position, up to and including `upTo`, in order. */
  | { readonly whole: true; readonly bundles: readonly Stored[] }
  /**
   * `too_old`: some of it has aged out. `log_restarted`: the position is of an earlier life of the stream.
   * `unknown_position`: the position is no place in this room, or `upTo` is not stored, asked for long enough.
   * `bundles`: what is still there.
   */
  | {
      readonly whole: false;
      readonly why: "too_old" | "log_restarted" | "unknown_position";
      readonly bundles: readonly Stored[];
    };

/**
 * Promise of every implementation:
 * - `append` resolves with the position of the bundle's first entry once it is stored durably; while it is under way
 *   it is retried as it is, through elections and lost links, so it may stand in the log twice; it rejects only with
 *   `Unreachable`, after which the outcome is unknown, and with `TooLarge`: only a room's whole state can be. Bundles of one room appended one after the other (each after
 *   the former resolved) stand in that order.
 * - `open` appends it as the room's first bundle or not at all: however often it is retried, it stands once. It resolves
 *   with undefined when other entries of the room stand there. It rejects as `append` does.
 * - `follow` gives every bundle of a room that is stored after its start, exactly once, in the one order of the log,
 *   whatever the live copies suffered: lost, doubled, late and reordered copies are healed by reading.
 * - `read` is bounded by a sequence of the room known to be stored, never by "no more". A position that is not the last
 *   of its bundle brings that bundle whole: the reader skips what it has. Without a position everything still stored
 *   comes, as whole: whether its first bundle began the room is for the reader to judge. It rejects with `Unreachable`;
 *   so do `tail` and `first`.
 * - `tail` tells the sequence of the room's last entry; undefined: the log has none. It may lag behind the truth.
 * - `first` gives the room's oldest bundle still stored.
 * - Entries and bodies pass by reference and never change: bodies of an append own their bytes, and whoever keeps a
 *   delivered body keeps a copy.
 * - `onLink` reports a lost and a regained link; while it is down appends wait.
 */
export interface Log {
  append(room: RoomKey, bundle: readonly Entry[]): Promise<Position>;
  open(room: RoomKey, bundle: readonly Entry[]): Promise<Position | undefined>;
  follow(room: RoomKey, follower: Follower): Follow;
  read(room: RoomKey, after: Position | undefined, upTo: number): Promise<ReadAnswer>;
  tail(room: RoomKey): Promise<number | undefined>;
  first(room: RoomKey): Promise<Stored | undefined>;
  readonly link: LinkState;
  onLink(listener: (state: LinkState) => void): () => void;
}

export type LinkState = "up" | "down";
