// Whether a node without the memory is worth leaving: yes, unless the next node lacks it too.

/** Milliseconds after its welcome within which a node that says so lacked the memory when the client came. */
const onArrival = 5_000;
/** Moves in one outage at most: behind one address the same node may come up again. */
const most = 3;

export class MemoryOutage {
  readonly #without = new Set<string>();
  #moves = 0;

  /** The node that speaks lacks the memory, and did not a moment ago. True: another one may have it. */
  lacking(node: string, hereFor: number): boolean {
    // It had the memory until now: whatever other nodes lacked is over.
    if (hereFor > onArrival) {
      this.#without.clear();
      this.#moves = 0;
    }
    this.#without.add(node);
    // It is the memory that is gone, not this node's way to it: nowhere is better than here.
    if (this.#without.size > 1 || this.#moves >= most) return false;
    this.#moves += 1;
    return true;
  }
}
