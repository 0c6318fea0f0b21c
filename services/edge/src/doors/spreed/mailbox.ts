// What one client sent and nobody has dealt with yet: one frame after the other, and no more than 20 a second.
import type { Clock, Timer } from "@heliograph/core";

/** Frames within the sliding window; those beyond are delayed, never dropped. */
const framesPerWindow = 20;
/** Milliseconds. */
const window = 1_000;

export interface MailboxOptions {
  readonly clock: Clock;
  /** Bytes that may wait; a single frame may be larger. */
  readonly capBytes: number;
  /** Deals with one frame; the next one waits for its promise. Neither throws nor rejects. `bytes` serve during the call. */
  handle(bytes: Uint8Array): Promise<void> | undefined;
  /** More waits than may. */
  overflow(): void;
}

export class Mailbox {
  readonly #options: MailboxOptions;
  /** When the frames of the last window were dealt with; the oldest at `#oldest`. Made when the first one comes. */
  #times: number[] | undefined;
  #oldest = 0;
  #waiting: Uint8Array[] | undefined;
  #waitingBytes = 0;
  #busy = false;
  #timer: Timer | undefined;
  #ended = false;

  constructor(options: MailboxOptions) {
    this.#options = options;
  }

  /** `bytes` are a view that is taken back after the call. */
  receive(bytes: Uint8Array): void {
    if (this.#ended) return;
    const { handle, capBytes, overflow } = this.#options;
    if (this.#free && this.#delay() === 0) {
      this.#took();
      this.#wait(handle(bytes));
      return;
    }
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes.length > capBytes) return overflow();
    this.#waitingBytes += bytes.length;
    this.#waiting ??= [];
    this.#waiting.push(new Uint8Array(bytes));
    this.#goOn();
  }

  end(): void {
    this.#ended = true;
    this.#waiting = undefined;
    this.#waitingBytes = 0;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  get #free(): boolean {
    return !this.#busy && this.#timer === undefined && this.#waiting === undefined;
  }

  /** Milliseconds until one more may be dealt with. */
  #delay(): number {
    const times = this.#times;
    if (times === undefined || times.length < framesPerWindow) return 0;
    return Math.max(0, (times[this.#oldest] ?? 0) + window - this.#options.clock.now());
  }

  #took(): void {
    const now = this.#options.clock.now();
    this.#times ??= [];
    if (this.#times.length < framesPerWindow) {
      this.#times.push(now);
      return;
    }
    this.#times[this.#oldest] = now;
    this.#oldest = (this.#oldest + 1) % framesPerWindow;
  }

  #wait(done: Promise<void> | undefined): void {
    if (done === undefined) return;
    this.#busy = true;
    const over = (): void => {
      this.#busy = false;
      this.#goOn();
    };
    done.then(over, over);
  }

  #goOn(): void {
    while (!this.#ended && !this.#busy && this.#timer === undefined) {
      const next = this.#waiting?.[0];
      if (next === undefined) {
        this.#waiting = undefined;
        return;
      }
      const delay = this.#delay();
      if (delay > 0) {
        this.#timer = this.#options.clock.after(delay, () => {
          this.#timer = undefined;
          this.#goOn();
        });
        return;
      }
      this.#waiting?.shift();
      this.#waitingBytes -= next.length;
      this.#took();
      this.#wait(this.#options.handle(next));
    }
  }
}
