// Whether the shared memory behind a twin can be asked now: the switch that plays a lost Redis.
import { Unreachable } from "../ports/unreachable.ts";

export class Reach {
  /** The whole memory, behind one node's way to it. */
  readonly #beyond: Reach | undefined;
  #open = true;
  #losesAnswers = false;

  constructor(beyond?: Reach) {
    this.#beyond = beyond;
  }

  /** `answers lost`: what is asked happens, yet nobody hears of it, so the outcome is unknown. */
  set(state: "open" | "closed" | "answers lost"): void {
    this.#open = state !== "closed";
    this.#losesAnswers = state === "answers lost";
  }

  get open(): boolean {
    return this.#open && (this.#beyond?.open ?? true);
  }

  get losesAnswers(): boolean {
    return this.#losesAnswers || (this.#beyond?.losesAnswers ?? false);
  }

  /** One atomic step, answered in a later turn of the promise queue. */
  async ask<T>(step: () => T): Promise<T> {
    await Promise.resolve();
    if (!this.open) throw new Unreachable("the memory is out of reach");
    const answer = step();
    if (this.losesAnswers) throw new Unreachable("the answer was lost");
    return answer;
  }
}
