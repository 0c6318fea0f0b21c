// A clock that moves only when told: for simulations and tests, where time must cost nothing and replay exactly.
import type { Clock, Timer } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";

interface Alarm extends Timer {
  readonly at: number;
  readonly order: number;
  call: (() => void) | undefined;
}

export interface VirtualClockOptions {
  /**
   * Resolves after every promise that can go on has gone on: a macrotask of the platform, for instance
   * `() => new Promise((resolve) => setImmediate(resolve))`. Injected because nothing universal offers one.
   */
  readonly turn: () => Promise<void>;
  /** Milliseconds since 1970 at the start. */
  readonly now?: number;
  /** Timers due at the same time fire in an order drawn from this; without it, in the order they were set. */
  readonly shuffle?: Pick<Random, "fraction">;
}

export class VirtualClock implements Clock {
  readonly #turn: () => Promise<void>;
  readonly #shuffle: Pick<Random, "fraction"> | undefined;
  /** The next to fire last, so that taking it is cheap. */
  readonly #alarms: Alarm[] = [];
  #endings: (() => void)[] = [];
  #now: number;
  #count = 0;

  constructor(options: VirtualClockOptions) {
    this.#turn = options.turn;
    this.#now = options.now ?? 1_700_000_000_000;
    this.#shuffle = options.shuffle;
  }

  /** Whole milliseconds, as system clocks tell them, though timers may be set between two. */
  now(): number {
    return Math.floor(this.#now);
  }

  after(ms: number, call: () => void): Timer {
    this.#count += 1;
    const alarm: Alarm = {
      at: this.#now + Math.max(0, ms),
      order: this.#shuffle?.fraction() ?? this.#count,
      call,
      cancel: () => this.#cancel(alarm),
    };
    this.#alarms.splice(this.#placeOf(alarm), 0, alarm);
    return alarm;
  }

  endOfTurn(call: () => void): void {
    this.#endings.push(call);
  }

  /** How many timers are set: a test's proof that nothing was left behind. */
  get timers(): number {
    return this.#alarms.length;
  }

  /** Lets everything happen that waits for no timer: promises and ends of turns, until none is left. */
  async settle(): Promise<void> {
    await this.#turn();
    while (this.#endings.length > 0) {
      const endings = this.#endings;
      this.#endings = [];
      for (const call of endings) call();
      await this.#turn();
    }
  }

  /** Moves time on, timer by timer, and lets everything settle after each. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await this.settle();
    while (await this.#step(until)) {
      // Each step fires one timer.
    }
    this.#now = until;
  }

  /** Moves time on until `done` holds; false: it did not within `atMost` milliseconds. */
  async runUntil(done: () => boolean, atMost = 600_000): Promise<boolean> {
    const until = this.#now + atMost;
    await this.settle();
    while (!done()) {
      if (!(await this.#step(until))) {
        this.#now = until;
        return done();
      }
    }
    return true;
  }

  async #step(until: number): Promise<boolean> {
    const alarm = this.#alarms.at(-1);
    if (alarm === undefined || alarm.at > until) return false;
    this.#alarms.pop();
    this.#now = Math.max(this.#now, alarm.at);
    const call = alarm.call;
    alarm.call = undefined;
    call?.();
    await this.settle();
    return true;
  }

  #cancel(alarm: Alarm): void {
    if (alarm.call === undefined) return;
    alarm.call = undefined;
    const at = this.#alarms.indexOf(alarm, this.#placeOf(alarm));
    if (at >= 0) this.#alarms.splice(at, 1);
  }

  /** The first index whose alarm does not fire after this one. */
  #placeOf(alarm: Alarm): number {
    let low = 0;
    let high = this.#alarms.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#alarms[middle];
      if (other !== undefined && (other.at > alarm.at || (other.at === alarm.at && other.order > alarm.order))) {
        low = middle + 1;
      } else high = middle;
    }
    return low;
  }
}
