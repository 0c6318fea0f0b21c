// Slows down whoever guesses PINs: counted by the whole cluster, checked without waiting for it.
import type { RoomKey } from "@heliograph/protocol";
import type { Clock } from "./ports/clock.ts";
import type { Counters } from "./ports/counters.ts";
import type { NodeSettings } from "./settings.ts";

/** Guessers that a node keeps in mind; beyond, whoever has been quiet for longest is forgotten. */
const mostTallies = 20_000;

/** What this node knows of one guesser's wrong PINs. */
interface Tally {
  readonly count: number;
  /** Local time at which the count starts again. */
  readonly until: number;
}

/**
 * A four-digit PIN falls to 10,000 attempts; at ten a minute per session and per address that takes most of a day.
 * A join never waits for the counters. So each wrong guess is counted here, at once: a thousand that come in one burst
 * are not all judged before the first is counted, and a cluster whose memory is gone still counts, node by node. And it
 * is counted behind the answer for all nodes: what they have seen together closes the door here too.
 */
export class Guesses {
  readonly #counters: Counters;
  readonly #clock: Pick<Clock, "now">;
  readonly #settings: () => Pick<NodeSettings, "guesses" | "guessWindow">;
  /** Whoever guessed last stands last. */
  readonly #tallies = new Map<string, Tally>();

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
    const { guesses, guessWindow } = this.#settings();
    let wait = 0;
    for (const guesser of guessers) {
      const tally = this.#present(keyOf(room, guesser), now);
      // A clock that was set back shuts nobody out for longer than a window.
      if (tally !== undefined && tally.count >= guesses) {
        wait = Math.max(wait, Math.min(tally.until - now, guessWindow));
      }
    }
    return wait;
  }

  wrong(room: RoomKey, guessers: readonly string[]): void {
    const now = this.#clock.now();
    const { guessWindow } = this.#settings();
    for (const guesser of guessers) {
      const key = keyOf(room, guesser);
      const { count, until } = this.#present(key, now) ?? { count: 0, until: now + guessWindow };
      this.#keep(key, { count: count + 1, until });
      this.#counters.add(key, guessWindow).then(
        (all) => this.#learn(key, all.count, all.resetIn),
        () => {
          // Out of reach: what was guessed at other nodes is missing for a while.
        },
      );
    }
  }

  #learn(key: string, count: number, resetIn: number): void {
    const now = this.#clock.now();
    const own = this.#present(key, now)?.count ?? 0;
    if (count > own) this.#keep(key, { count, until: now + resetIn });
  }

  #present(key: string, now: number): Tally | undefined {
    const tally = this.#tallies.get(key);
    if (tally === undefined || tally.until > now) return tally;
    this.#tallies.delete(key);
    return undefined;
  }

  #keep(key: string, tally: Tally): void {
    this.#tallies.delete(key);
    this.#tallies.set(key, tally);
    if (this.#tallies.size <= mostTallies) return;
    const [quietest] = this.#tallies.keys();
    if (quietest !== undefined) this.#tallies.delete(quietest);
  }
}

function keyOf(room: RoomKey, guesser: string): string {
  return `pin:${room}:${guesser}`;
}
