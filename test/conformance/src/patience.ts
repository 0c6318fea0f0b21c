// What a case waits for, and until when: nothing in the kit waits without saying so.
import { Fault } from "./fault.ts";

export class Patience {
  readonly #waits = new Set<string>();
  readonly #over: Promise<never>;
  readonly #timer: NodeJS.Timeout;

  /** `ms`: for all waits together. */
  constructor(ms: number) {
    let tooLate: (fault: Fault) => void;
    this.#over = new Promise((_resolve, reject) => {
      tooLate = reject;
    });
    this.#timer = setTimeout(() => {
      const waits = this.#waits.size === 0 ? "nothing in particular" : [...this.#waits].join("; ");
      tooLate(new Fault(`after ${ms} ms still waiting for ${waits}`));
    }, ms);
    // Nobody may be waiting when the time is over.
    this.#over.catch(() => undefined);
  }

  /** The promise's outcome, or a fault that names `what` when the time is over first. */
  async wait<T>(what: string, promise: Promise<T>): Promise<T> {
    this.#waits.add(what);
    try {
      return await Promise.race([promise, this.#over]);
    } finally {
      this.#waits.delete(what);
    }
  }

  /** Lets time pass where time itself is what the case is about: a grace, a window, the pace of asking again. */
  async pass(ms: number): Promise<void> {
    await this.wait(`${ms} ms to pass`, new Promise((resolve) => setTimeout(resolve, ms)));
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
