// Whoever watches a room without being in it: part of this process, never a client.
import type { Position, RoomEvent, RoomView } from "@heliograph/protocol";

/** What a room as a whole is told: not what is said to one member, nor answers. */
export type WatchedEvent =
  | Extract<RoomEvent, { readonly type: "member" | "data" | "settings" | "moderated" }>
  | (Extract<RoomEvent, { readonly type: "signal" | "broadcast" }> & { readonly type: "broadcast" });

/** Neither method may throw. */
export interface Watcher {
  /**
   * The room as of this position: at first, as soon as it is known, and again when what was told between cannot be told
   * (a gap, a state loaded or adopted anew). It replaces all that was told before.
   */
  view(view: RoomView, position: Position): void;
  /** Everything that is told in the room after the view, in the order of its log, whatever its presence mode. */
  event(event: WatchedEvent): void;
}

export function isWatched(event: RoomEvent): event is WatchedEvent {
  switch (event.type) {
    case "member":
    case "broadcast":
    case "data":
    case "settings":
    case "moderated":
      return true;
    default:
      return false;
  }
}
