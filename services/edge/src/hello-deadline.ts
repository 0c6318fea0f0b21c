// Closes connections that do not say who they are in time.
import type { Clock } from "@heliograph/core";
import type { ClientConnection } from "./client-connection.ts";

/** Milliseconds for the first frame: a phone on a bad network needs some, an attacker should not get more. */
const patience = 10_000;

export class HelloDeadline {
  readonly #clock: Clock;
  /** When each was opened; in that order, so that a round ends at the first that still has time. */
  readonly #waiting = new Map<ClientConnection, number>();
  #timed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#waiting.size;
  }

  opened(connection: ClientConnection): void {
    this.#waiting.set(connection, this.#clock.now());
    this.#time();
  }

  /** It said hello, or is gone. */
  settled(connection: ClientConnection): void {
    this.#waiting.delete(connection);
  }

  #time(): void {
    if (this.#timed || this.#waiting.size === 0) return;
    this.#timed = true;
    this.#clock.after(1_000, () => {
      this.#timed = false;
      const due = this.#clock.now() - patience;
      for (const [connection, openedAt] of this.#waiting) {
        if (openedAt > due) break;
        this.#waiting.delete(connection);
        connection.close("hello_deadline");
      }
      this.#time();
    });
  }
}
