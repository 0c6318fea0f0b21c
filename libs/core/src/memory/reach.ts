// Whether the shared memory behind a twin can be asked now, and what became of it: the switch that plays a lost Redis.
import { Listeners } from "../listeners.ts";
import type { LinkState } from "../ports/log.ts";
import { Unreachable } from "../ports/unreachable.ts";

export class Reach {
  /** The whole memory, behind one node's way to it. */
  readonly #beyond: Reach | undefined;
  /** The ways that lead here. */
  readonly #nearer = new Set<Reach>();
  readonly #links = new Listeners<LinkState>();
  readonly #losses = new Listeners();
  #open = true;
  #losesAnswers = false;
  /** As it was last told. */
  #told: LinkState;

  constructor(beyond?: Reach) {
    this.#beyond = beyond;
    this.#told = this.link;
    if (beyond !== undefined) beyond.#nearer.add(this);
  }

  /** `answers lost`: what is asked happens, yet nobody hears of it, so the outcome is unknown. */
  set(state: "open" | "closed" | "answers lost"): void {
    this.#open = state !== "closed";
    this.#losesAnswers = state === "answers lost";
    this.#turn();
  }

  /** This way is used no more, and nobody on it is told anything. */
  leave(): void {
    this.#links.clear();
    this.#losses.clear();
    if (this.#beyond !== undefined) this.#beyond.#nearer.delete(this);
    this.#open = false;
  }

  /** The memory was emptied: told wherever it can be reached; elsewhere whoever comes back is told anyway. */
  lost(): void {
    if (!this.open) return;
    this.#losses.tell();
    for (const way of [...this.#nearer]) way.lost();
  }

  get open(): boolean {
    return this.#open && (this.#beyond?.open ?? true);
  }

  get link(): LinkState {
    return this.open ? "up" : "down";
  }

  get losesAnswers(): boolean {
    return this.#losesAnswers || (this.#beyond?.losesAnswers ?? false);
  }

  onLink(listener: (state: LinkState) => void): () => void {
    return this.#links.add(listener);
  }

  onLoss(listener: () => void): () => void {
    return this.#losses.add(listener);
  }

  /** One atomic step, answered in a later turn of the promise queue. */
  async ask<T>(step: () => T): Promise<T> {
    await Promise.resolve();
    if (!this.open) throw new Unreachable("the memory is out of reach");
    const answer = step();
    if (this.losesAnswers) throw new Unreachable("the answer was lost");
    return answer;
  }

  #turn(): void {
    const now = this.link;
    if (now !== this.#told) {
      this.#told = now;
      this.#links.tell(now);
      if (now === "up") this.#losses.tell();
    }
    for (const way of [...this.#nearer]) way.#turn();
  }
}
