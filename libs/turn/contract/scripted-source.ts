// The memory twin of a source: gives the sets that a script tells it, over the clock of the script.
import type { Clock } from "@heliograph/core";
import { Listeners } from "@heliograph/core";
import type { HeldSet, IceExpiry, IceSet } from "../src/ice-set.ts";
import type { IceSource, SourceState } from "../src/ice-source.ts";

/** One set for everybody, as a service gives it. */
export class ScriptedSource implements IceSource {
  readonly id: string;
  readonly expiry: IceExpiry;
  readonly scope = "shared";
  readonly #clock: Pick<Clock, "now">;
  readonly #listeners = new Listeners<void>();
  #held: HeldSet | undefined;
  #failed = false;
  #tried = false;
  #generation = 0;

  constructor(id: string, clock: Pick<Clock, "now">, expiry: IceExpiry = "hard") {
    this.id = id;
    this.#clock = clock;
    this.expiry = expiry;
  }

  get state(): SourceState {
    if (this.#live() !== undefined) return this.#failed ? "stale" : "fresh";
    return this.#tried ? "none" : "starting";
  }

  get generation(): number {
    return this.#generation;
  }

  setFor(): HeldSet | undefined {
    return this.#live();
  }

  /** A fetch went well: the set serves for so many milliseconds from now. */
  serve(set: IceSet, life: number): void {
    this.#generation += 1;
    this.#held = { set, generation: this.#generation, endsAt: this.#clock.now() + life };
    this.#tried = true;
    this.#failed = false;
    this.tell();
  }

  /** A fetch failed. What is held serves on to its end. */
  fail(): void {
    this.#tried = true;
    this.#failed = true;
    this.tell();
  }

  /** The end of a set comes with time; whoever is to hear of it at once is told here. */
  tell(): void {
    this.#listeners.tell();
  }

  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  #live(): HeldSet | undefined {
    const held = this.#held;
    return held?.endsAt !== undefined && held.endsAt <= this.#clock.now() ? undefined : held;
  }
}
