// What one session says in one room, counted, and what became of it.
import type { Reason, RoomCommand, RoomName } from "@heliograph/protocol";

/** What core answers a counted command with: `done`, or why not. */
export type Answered = "done" | Reason;

type Without<T> = T extends RoomCommand ? Omit<T, "n" | "room"> : never;
/** A room command before it is counted. */
export type Uncounted = Without<RoomCommand>;

export interface DeskHost {
  command(command: RoomCommand): void;
  /** One command less waits for its answer. */
  answered(): void;
}

export class Desk {
  readonly room: RoomName;
  readonly #host: DeskHost;
  #n: number;
  /** By their counters, in order. */
  readonly #asked = new Map<number, ((answer: Answered) => void) | undefined>();

  /** @param mark the highest counter of this session that was applied in the room */
  constructor(room: RoomName, mark: number, host: DeskHost) {
    this.room = room;
    this.#n = mark;
    this.#host = host;
  }

  /** Commands that wait for their answer. */
  get size(): number {
    return this.#asked.size;
  }

  say(said: Uncounted, answer?: (answer: Answered) => void): void {
    this.#n += 1;
    const command: RoomCommand = { ...said, n: this.#n, room: this.room };
    this.#asked.set(this.#n, answer);
    this.#host.command(command);
  }

  /** As `say`, for whoever waits. */
  ask(said: Uncounted): Promise<Answered> {
    return new Promise((resolve) => this.say(said, resolve));
  }

  /** All up to `n` that were not refused have been applied. */
  ack(n: number): void {
    for (const asked of [...this.#asked.keys()]) if (asked <= n) this.#settle(asked, "done");
  }

  refused(n: number, reason: Reason): void {
    this.#settle(n, reason);
  }

  /** The session is not in the room any more: nothing that is still on its way will be answered. */
  close(reason: Reason): void {
    for (const n of [...this.#asked.keys()]) this.#settle(n, reason);
  }

  #settle(n: number, answer: Answered): void {
    if (!this.#asked.has(n)) return;
    const asked = this.#asked.get(n);
    this.#asked.delete(n);
    this.#host.answered();
    asked?.(answer);
  }
}
