// Slows down whoever guesses PINs: counted by the whole cluster, checked without waiting for it.
import type { RoomKey } from "@heliograph/protocol";
import type { Clock } from "./ports/clock.ts";
import type { Counters } from "./ports/counters.ts";
import type { NodeSettings } from "./settings.ts";

/**
 * A four-digit PIN falls to 10,000 attempts; at ten a minute per session and per address that takes most of a day.
 * A join never waits for the counters: each wrong guess is counted behind the answer, and the count of all nodes that
 * comes back closes the door for the next one.
 */
export class Guesses {
  readonly #counters: Counters;
  readonly #clock: Pick<Clock, "now">;
  readonly #settings: () => Pick<NodeSettings, "guesses" | "guessWindow">;
  /** Until when a key is shut; swept as it is read and when it grows. */
  readonly #shut = new Map<string, number>();

  constructor(
    counters: Counters,
    clock: Pick<Clock, "now">,
    settings: () => Pick<NodeSettings, "guesses" | "guessWindow">,
  ) {
    this.#counters = counters;
    this.#clock = clock;
    this.#settings = settings;
  }

  /** Milliseconds until this guesser may try again; 0: now. */
  waitFor(room: RoomKey, guessers: readonly string[]): number {
    const now = this.#clock.now();
    let wait = 0;
    for (const guesser of guessers) {
      const key = keyOf(room, guesser);
      const until = this.#shut.get(key);
      if (until === undefined) continue;
      if (until <= now) this.#shut.delete(key);
      else wait = Math.max(wait, until - now);
    }
    return wait;
  }

  wrong(room: RoomKey, guessers: readonly string[]): void {
    const { guesses, guessWindow } = this.#settings();
    for (const guesser of guessers) {
      const key = keyOf(room, guesser);
      this.#counters.add(key, guessWindow).then(
        ({ count, resetIn }) => {
          if (count >= guesses) this.#shut.set(key, this.#clock.now() + resetIn);
        },
        () => {
          // Out of reach: the room's PIN still stands, only the count of other nodes is missing for a while.
        },
      );
    }
    if (this.#shut.size > 10_000) this.#sweep();
  }

  #sweep(): void {
    const now = this.#clock.now();
    for (const [key, until] of this.#shut) if (until <= now) this.#shut.delete(key);
  }
}

function keyOf(room: RoomKey, guesser: string): string {
  return `pin:${room}:${guesser}`;
}
