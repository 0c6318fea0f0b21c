// Looks at something again and again, one look at a time: in irregular intervals, at once when there is news, sooner when asked.
import type { Clock, Random, Timer } from "@heliograph/core";
import type { SharingTimes } from "./sharing-times.ts";

export class Looks {
  readonly #look: () => Promise<void>;
  readonly #clock: Clock;
  readonly #random: Pick<Random, "fraction">;
  readonly #times: Pick<SharingTimes, "look" | "spread">;
  #timer: Timer | undefined;
  #due = 0;
  #underWay = false;
  /** There was news while a look was under way: what it saw may be older. */
  #again = false;
  #stopped = false;

  /** `look` never rejects. Nothing happens before the first `now`. */
  constructor(
    look: () => Promise<void>,
    clock: Clock,
    random: Pick<Random, "fraction">,
    times: Pick<SharingTimes, "look" | "spread">,
  ) {
    this.#look = look;
    this.#clock = clock;
    this.#random = random;
    this.#times = times;
  }

  now(): void {
    if (this.#stopped) return;
    if (this.#underWay) {
      this.#again = true;
      return;
    }
    this.#underWay = true;
    // Before the look, so that it may ask for the next one to come sooner.
    const { look, spread } = this.#times;
    this.#set(look * (1 - spread + 2 * spread * this.#random.fraction()));
    const over = (): void => {
      this.#underWay = false;
      if (!this.#again) return;
      this.#again = false;
      this.now();
    };
    this.#look().then(over, over);
  }

  /** The next look comes no later than in so many milliseconds. */
  within(ms: number): void {
    if (this.#stopped || (this.#timer !== undefined && this.#clock.now() + ms >= this.#due)) return;
    this.#set(ms);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #set(ms: number): void {
    this.#timer?.cancel();
    this.#due = this.#clock.now() + ms;
    this.#timer = this.#clock.after(ms, () => {
      this.#timer = undefined;
      this.now();
    });
  }
}
