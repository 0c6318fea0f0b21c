// How much of what the log tells is dealt with in one turn of the loop: what is left waits for the next, room by room. What
// waits is bounded by what sessions may have unanswered, since nothing is answered before it has been dealt with.
import type { Clock } from "@heliograph/core";

/** Milliseconds of one turn after which the next copy waits. One is dealt with whole, however long it takes. */
const budget = 8;

/** Shared by all follows of a node. */
export class Pace {
  readonly #clock: Pick<Clock, "now" | "endOfTurn">;
  /** Of the first thing of this turn; undefined: there was none yet. */
  #began: number | undefined;
  /** Queues with something in them; each is asked in turn. */
  #waiting: PacedQueue[] = [];

  constructor(clock: Pick<Clock, "now" | "endOfTurn">) {
    this.#clock = clock;
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

/** Of one follow: what comes while something waits comes behind it. */
export class PacedQueue {
  readonly #pace: Pace;
  #waiting: (() => void)[] | undefined;

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  run(task: () => void): void {
    if (this.#waiting !== undefined) {
      this.#waiting.push(task);
    } else if (this.#pace.begin()) {
      task();
    } else {
      this.#waiting = [task];
      this.#pace.wait(this);
    }
  }

  /** Does what has waited longest; false: nothing is left. */
  one(): boolean {
    const task = this.#waiting?.shift();
    task?.();
    if (this.#waiting !== undefined && this.#waiting.length > 0) return true;
    this.#waiting = undefined;
    return false;
  }

  /** Nothing of it is done any more. */
  end(): void {
    this.#waiting = undefined;
  }
}
