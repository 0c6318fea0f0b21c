// The way back to the clients: what one turn of the loop has for a socket leaves in one write.
import type { Clock } from "@heliograph/core";
import type { ClientConnection } from "./client-connection.ts";

/** Milliseconds that an answer which is alone may wait for company: most then leave beside other frames. */
const ackLinger = 5;

export class Outbound {
  readonly #clock: Clock;
  readonly #onFault: (error: unknown) => void;
  #dirty: ClientConnection[] = [];
  #lingering: ClientConnection[] = [];
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
  due(connection: ClientConnection): void {
    this.#dirty.push(connection);
    if (this.#dirty.length === 1) this.#clock.endOfTurn(this.#flush);
  }

  readonly #flush = (): void => {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const connection of dirty) if (!connection.flush(false)) this.#linger(connection);
  };

  #linger(connection: ClientConnection): void {
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
