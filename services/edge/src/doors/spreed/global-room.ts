// The global room: whoever is in it stands in every room's list, and what happens in it is told in every room.
import type { Node, WatchedEvent, Watcher } from "@heliograph/core";
import { roomNameOf, typeOfName } from "@heliograph/dialects/spreed";
import type { Position, Realm, RoomName, RoomView } from "@heliograph/protocol";
import type { BoardParts } from "./room-board.ts";
import { RoomBoard } from "./room-board.ts";

/** Watched once for all clients of a node: between it and a room of their own its news come as they arrive here. */
export class GlobalRoom implements Watcher {
  readonly board: RoomBoard;
  /** Everybody who is in another room. */
  readonly #listeners: () => Iterable<{ tellGlobal(room: RoomName, frame: Uint8Array): void }>;

  constructor(board: RoomBoard, listeners: () => Iterable<{ tellGlobal(room: RoomName, frame: Uint8Array): void }>) {
    this.board = board;
    this.#listeners = listeners;
  }

  view(view: RoomView, _position: Position): void {
    this.board.view(view);
  }

  event(event: WatchedEvent): void {
    const news = this.board.news(event);
    this.board.event(event);
    if (news === undefined) return;
    for (const frame of news.frames) {
      for (const listener of this.#listeners()) listener.tellGlobal(this.board.room, frame);
    }
  }
}

/** Undefined: none is configured, or its name cannot be one. */
export function openGlobalRoom(
  node: Pick<Node, "watch">,
  realm: Realm,
  parts: BoardParts,
  listeners: () => Iterable<{ tellGlobal(room: RoomName, frame: Uint8Array): void }>,
): GlobalRoom | undefined {
  const { globalRoom: name, rooms } = parts.settings();
  if (name === undefined) return undefined;
  const room = roomNameOf({ type: typeOfName(rooms.types, name), name }, rooms.caseSensitive);
  if (!room.ok) return undefined;
  const global = new GlobalRoom(new RoomBoard(room.value, parts), listeners);
  node.watch(realm, room.value, global);
  return global;
}
