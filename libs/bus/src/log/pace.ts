// How much of what the log tells is dealt with in one turn of the loop: what is left waits for the next, room by room.
import type { Clock } from "@heliograph/core";

/** Milliseconds of one turn after which the next copy waits. One is dealt with whole, however long it takes. */
const budget = 8;
/**
 * Bytes of copies that may wait on one node. Those who speak are answered by their own nodes, so nothing holds them back
 * for one that is too slow. Beyond it copies are left out, and read from the log when their turn has come.
 */
const mostBytes = 32 << 20;

/** Shared by all follows of a node. */
export class Pace {
  readonly #clock: Pick<Clock, "now" | "endOfTurn">;
  readonly #mostBytes: number;
  #bytes = 0;
  /** Of the first thing of this turn; undefined: there was none yet. */
  #began: number | undefined;
  /** Queues with something in them; each is asked in turn. */
  #waiting: PacedQueue[] = [];

  constructor(clock: Pick<Clock, "now" | "endOfTurn">, most = mostBytes) {
    this.#clock = clock;
    this.#mostBytes = most;
  }

  /** Whether so many bytes more may wait; they count until they are given back. */
  take(bytes: number): boolean {
    if (bytes > 0 && this.#bytes + bytes > this.#mostBytes) return false;
    this.#bytes += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** Whether something may be done in this turn. */
  begin(): boolean {
    const now = this.#clock.now();
    if (this.#began === undefined) {
      this.#began = now;
      this.#clock.endOfTurn(this.#next);
    }
    // A clock that was set back would hold everything up.
    if (now < this.#began) this.#began = now;
    return now - this.#began < budget;
  }

  wait(queue: PacedQueue): void {
    this.#waiting.push(queue);
  }

  readonly #next = (): void => {
    this.#began = undefined;
    while (this.#waiting.length > 0 && this.begin()) {
      const queue = this.#waiting.shift();
      if (queue?.one() === true) this.#waiting.push(queue);
    }
  };
}

interface Waiting {
  readonly task: () => void;
  readonly bytes: number;
}

/** Of one follow: what comes while something waits comes behind it. */
export class PacedQueue {
  readonly #pace: Pace;
  #waiting: Waiting[] | undefined;

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  /** `bytes`: of what the task holds while it waits. False: too much waits, and it will not be done. */
  run(task: () => void, bytes = 0): boolean {
    if (this.#waiting === undefined && this.#pace.begin()) {
      task();
      return true;
    }
    if (!this.#pace.take(bytes)) return false;
    if (this.#waiting === undefined) {
      this.#waiting = [{ task, bytes }];
      this.#pace.wait(this);
    } else {
      this.#waiting.push({ task, bytes });
    }
    return true;
  }

  /** Does what has waited longest; false: nothing is left. */
  one(): boolean {
    const first = this.#waiting?.shift();
    if (first !== undefined) {
      this.#pace.giveBack(first.bytes);
      first.task();
    }
    if (this.#waiting !== undefined && this.#waiting.length > 0) return true;
    this.#waiting = undefined;
    return false;
  }

  /** Nothing of it is done any more. */
  end(): void {
    for (const { bytes } of this.#waiting ?? []) this.#pace.giveBack(bytes);
    this.#waiting = undefined;
  }
}
