// Short messages beside the call: who came, who asked for what, which device appeared. Also read to screen readers.
import type { Signal } from "@preact/signals";
import { signal } from "@preact/signals";
import type { Clock } from "./clock.ts";

export interface NoticeAction {
  readonly label: string;
  readonly run: () => void;
}

export interface Notice {
  readonly id: number;
  readonly says: string;
  readonly tone: "calm" | "attention";
  readonly action: NoticeAction | undefined;
}

const calmFor = 6000;
const most = 4;

export class Notices {
  readonly shown: Signal<readonly Notice[]> = signal([]);
  /** The last thing said to screen readers only. */
  readonly whispered = signal("");
  readonly #clock: Clock;
  #ids = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Goes by itself. */
  tell(says: string): void {
    const id = this.#show(says, "calm", undefined);
    this.#clock.after(calmFor, () => this.dismiss(id));
  }

  /** Stays until it is answered or dismissed: nobody should have to race a clock to read it (WCAG 2.2.1). */
  ask(says: string, action?: NoticeAction): void {
    this.#show(says, "attention", action);
  }

  whisper(says: string): void {
    // The same words twice are read twice only if the text changes.
    this.whispered.value = this.whispered.peek() === says ? `${says}\u00a0` : says;
  }

  dismiss(id: number): void {
    this.shown.value = this.shown.peek().filter((notice) => notice.id !== id);
  }

  clear(): void {
    this.shown.value = [];
  }

  #show(says: string, tone: Notice["tone"], action: NoticeAction | undefined): number {
    this.#ids += 1;
    const rest = this.shown.peek().filter((notice) => notice.says !== says);
    this.shown.value = [...rest, { id: this.#ids, says, tone, action }].slice(-most);
    return this.#ids;
  }
}
