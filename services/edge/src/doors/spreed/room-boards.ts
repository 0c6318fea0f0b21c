// The boards of all rooms that Spreed clients of this node are in: one for each room, kept while somebody uses it.
import type { Node } from "@heliograph/core";
import type { Realm, RoomName } from "@heliograph/protocol";
import type { BoardParts } from "./room-board.ts";
import { RoomBoard } from "./room-board.ts";

interface Used {
  readonly board: RoomBoard;
  readonly stop: () => void;
  users: number;
}

export class RoomBoards {
  readonly #node: Pick<Node, "watch">;
  readonly #realm: Realm;
  readonly #parts: BoardParts;
  readonly #used = new Map<RoomName, Used>();

  constructor(node: Pick<Node, "watch">, realm: Realm, parts: BoardParts) {
    this.#node = node;
    this.#realm = realm;
    this.#parts = parts;
  }

  /** Boards that are kept: zero when nobody is left. */
  get size(): number {
    return this.#used.size;
  }

  /** Users of a room's board, whoever takes it gives it back. */
  take(room: RoomName): RoomBoard {
    const used = this.#used.get(room) ?? this.#open(room);
    used.users += 1;
    return used.board;
  }

  giveBack(board: RoomBoard): void {
    const used = this.#used.get(board.room);
    if (used === undefined || used.board !== board) return;
    used.users -= 1;
    if (used.users > 0) return;
    this.#used.delete(board.room);
    used.stop();
  }

  #open(room: RoomName): Used {
    const board = new RoomBoard(room, this.#parts);
    const used = { board, stop: this.#node.watch(this.#realm, room, board), users: 0 };
    this.#used.set(room, used);
    return used;
  }
}
