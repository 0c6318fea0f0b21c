// Several doors as one: for whoever waits until the last client has gone.
import type { Close } from "@heliograph/protocol";

export interface OpenDoor {
  readonly connections: ReadonlySet<{ close(why: Close): void }>;
  /** Calls once when no connection is open, at once if there is none. */
  onceEmpty(call: () => void): void;
}

export class AllDoors {
  readonly #doors: readonly OpenDoor[];

  constructor(doors: readonly OpenDoor[]) {
    this.#doors = doors;
  }

  get connections(): ReadonlySet<{ close(why: Close): void }> {
    return new Set(this.#doors.flatMap(({ connections }) => [...connections]));
  }

  /** At that moment, whichever door was the last to be empty: nobody comes in any more while this is asked. */
  onceEmpty(call: () => void): void {
    const busy = this.#doors.find(({ connections }) => connections.size > 0);
    if (busy === undefined) call();
    else busy.onceEmpty(() => this.onceEmpty(call));
  }
}
