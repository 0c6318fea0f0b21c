// The end of a wire: it comes once, and whoever asks later is told as well.
import type { TurnFailure } from "./turn-failure.ts";

export class EndedOnce {
  #why: TurnFailure | undefined;
  readonly #hearers: ((why: TurnFailure) => void)[] = [];

  get over(): boolean {
    return this.#why !== undefined;
  }

  end(why: TurnFailure): void {
    if (this.#why !== undefined) return;
    this.#why = why;
    for (const hear of this.#hearers.splice(0)) hear(why);
  }

  onEnd(hear: (why: TurnFailure) => void): void {
    if (this.#why === undefined) this.#hearers.push(hear);
    else hear(this.#why);
  }
}
