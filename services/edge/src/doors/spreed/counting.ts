// What the Spreed doors of all nodes count, added up wherever somebody asks.
import type { Clock, NodeNumbers, Nodes, Timer } from "@heliograph/core";
import type { NodeId } from "@heliograph/protocol";
import type { SpreedNumbers } from "./rest/statistics.ts";

/** Milliseconds between two times that a node says its numbers, and after which those of a silent one count no more. */
const sayEvery = 5_000;
const lasting = 15_000;

/** What changes from moment to moment, as this node sees it. */
export interface Present {
  readonly rooms: number;
  readonly sessions: number;
  readonly users: number;
}

export interface CountingParts {
  readonly id: NodeId;
  readonly nodes: Pick<Nodes, "sayNumbers" | "onNumbers">;
  readonly clock: Clock;
  /** Whether anybody may read them: others are told only then. */
  readonly shown: () => boolean;
  readonly present: () => Present;
}

export class Counting {
  readonly #parts: CountingParts;
  readonly #heard = new Map<NodeId, { readonly numbers: NodeNumbers; readonly at: number }>();
  readonly #stopHearing: () => void;
  #timer: Timer;
  #accepted = 0;
  #roomChats = 0;
  #privateChats = 0;

  constructor(parts: CountingParts) {
    this.#parts = parts;
    this.#stopHearing = parts.nodes.onNumbers((numbers) => {
      this.#heard.set(numbers.node, { numbers, at: parts.clock.now() });
    });
    this.#timer = this.#next();
  }

  accepted(): void {
    this.#accepted += 1;
  }

  chat(which: "broadcast" | "unicast"): void {
    if (which === "broadcast") this.#roomChats += 1;
    else this.#privateChats += 1;
  }

  /** Of the whole cluster: of others as they were said last, seconds ago. */
  get total(): SpreedNumbers {
    const { clock, id } = this.#parts;
    const since = clock.now() - lasting;
    let { rooms, sessions, users, accepted: count, roomChats, privateChats } = this.#own();
    for (const { numbers, at } of this.#heard.values()) {
      if (at < since || numbers.node === id) continue;
      rooms += numbers.rooms;
      sessions += numbers.sessions;
      users += numbers.users;
      count += numbers.accepted;
      roomChats += numbers.roomChats;
      privateChats += numbers.privateChats;
    }
    return { rooms, sessions, users, count, roomChats, privateChats };
  }

  end(): void {
    this.#stopHearing();
    this.#timer.cancel();
  }

  #own(): NodeNumbers {
    const { id, present } = this.#parts;
    const [accepted, roomChats, privateChats] = [this.#accepted, this.#roomChats, this.#privateChats];
    return { node: id, ...present(), accepted, roomChats, privateChats };
  }

  #next(): Timer {
    const { clock, nodes, shown } = this.#parts;
    return clock.after(sayEvery, () => {
      const since = clock.now() - lasting;
      for (const [node, { at }] of this.#heard) if (at < since) this.#heard.delete(node);
      if (shown()) nodes.sayNumbers(this.#own());
      this.#timer = this.#next();
    });
  }
}
