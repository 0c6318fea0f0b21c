// The way back to the clients: what one turn of the loop has for a socket leaves in one write.
import type { Clock } from "@heliograph/core";

/** A connection that keeps what one turn has for it. */
export interface Flushed {
  /** Sends what waits; false: an answer alone, which may wait a little longer unless `all`. */
  flush(all: boolean): boolean;
}

/** Milliseconds that an answer which is alone may wait for company: most then leave beside other frames. */
const ackLinger = 5;

export class Outbound {
  readonly #clock: Clock;
  readonly #onFault: (error: unknown) => void;
  #dirty: Flushed[] = [];
  #lingering: Flushed[] = [];
  #timed = false;

  constructor(clock: Clock, onFault: (error: unknown) => void) {
    this.#clock = clock;
    this.#onFault = onFault;
  }

  /** An event could not be encoded: a bug, or a body that no codec here can read. */
  failed(error: unknown): void {
    this.#onFault(error);
  }

  /** The connection has frames to send at the end of this turn. */
  due(connection: Flushed): void {
    this.#dirty.push(connection);
    if (this.#dirty.length === 1) this.#clock.endOfTurn(this.#flush);
  }

  readonly #flush = (): void => {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const connection of dirty) if (!connection.flush(false)) this.#linger(connection);
  };

  #linger(connection: Flushed): void {
    this.#lingering.push(connection);
    if (this.#timed) return;
    this.#timed = true;
    this.#clock.after(ackLinger, () => {
      this.#timed = false;
      const lingering = this.#lingering;
      this.#lingering = [];
      for (const each of lingering) each.flush(true);
    });
  }
}
