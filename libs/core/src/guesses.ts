// Slows down whoever guesses PINs: counted by the whole cluster, checked without waiting for it.
import type { RoomKey } from "@heliograph/protocol";
import type { Clock } from "./ports/clock.ts";
import type { Counters } from "./ports/counters.ts";
import type { NodeSettings } from "./settings.ts";
import { Tallies } from "./tallies.ts";

/**
 * A four-digit PIN falls to 10,000 attempts; at ten a minute per session and per address that takes most of a day. A
 * cluster whose memory is gone still counts, node by node.
 */
export class Guesses {
  readonly #settings: () => Pick<NodeSettings, "guesses" | "guessWindow">;
  readonly #tallies: Tallies;

  constructor(
    counters: Counters,
    clock: Pick<Clock, "now">,
    settings: () => Pick<NodeSettings, "guesses" | "guessWindow">,
  ) {
    this.#settings = settings;
    this.#tallies = new Tallies(counters, clock, { alone: "own" });
  }

  /** Milliseconds until this guesser may try again; 0: now. */
  waitFor(room: RoomKey, guessers: readonly string[]): number {
    const { guesses, guessWindow } = this.#settings();
    let wait = 0;
    for (const guesser of guessers) {
      wait = Math.max(wait, this.#tallies.waitFor(keyOf(room, guesser), guesses, guessWindow));
    }
    return wait;
  }

  wrong(room: RoomKey, guessers: readonly string[]): void {
    for (const guesser of guessers) this.#tallies.count(keyOf(room, guesser), this.#settings().guessWindow);
  }
}

function keyOf(room: RoomKey, guesser: string): string {
  return `pin:${room}:${guesser}`;
}
