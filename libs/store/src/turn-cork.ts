// Holds back what is written to a socket until the end of the turn, so that all of it leaves in one write.
import type { Clock } from "@heliograph/core";

/** The part of a socket that holds its writes back. */
interface Corkable {
  cork(): void;
  uncork(): void;
}

/** The library writes each question by itself, and a write costs more than what most questions ask (measured). */
export class TurnCork {
  readonly #clock: Pick<Clock, "endOfTurn">;
  #held: Corkable | undefined;

  constructor(clock: Pick<Clock, "endOfTurn">) {
    this.#clock = clock;
  }

  /** Undefined while there is no connection: nothing will be written then. */
  hold(socket: Corkable | undefined): void {
    if (socket === undefined || socket === this.#held) return;
    // A connection has one socket for its life; another one would be held by a turn of its own.
    this.#held = socket;
    socket.cork();
    this.#clock.endOfTurn(() => {
      if (this.#held === socket) this.#held = undefined;
      socket.uncork();
    });
  }
}
