// How much of what clients said waits for the log, or for a room, on the whole node.

/** Rooms have bounds of their own, but there may be any number of rooms: when the log stands still, this one holds. */
export class Backlog {
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
  }

  less(bytes: number): void {
    this.#bytes -= bytes;
  }
}
