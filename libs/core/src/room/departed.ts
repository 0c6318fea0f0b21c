// Those who left: epoch and mark are kept as long as entries from before may still arrive.
import type { MemberId } from "@heliograph/protocol";
import type { DepartedCopy } from "./copy.ts";

export class Departed {
  /** In the order in which they left; exists while there are any. */
  #byId: Map<MemberId, DepartedCopy> | undefined;

  constructor(copies: readonly DepartedCopy[] = []) {
    for (const copy of copies) this.add(copy);
  }

  get(id: MemberId): DepartedCopy | undefined {
    return this.#byId?.get(id);
  }

  add(departed: DepartedCopy): void {
    this.#byId ??= new Map();
    this.#byId.set(departed.id, departed);
  }

  remove(id: MemberId): void {
    this.#byId?.delete(id);
    if (this.#byId?.size === 0) this.#byId = undefined;
  }

  forgetBefore(time: number): void {
    if (this.#byId === undefined) return;
    for (const departed of this.#byId.values()) {
      if (departed.left >= time) return;
      this.remove(departed.id);
    }
  }

  toCopy(): DepartedCopy[] {
    return this.#byId === undefined ? [] : [...this.#byId.values()];
  }
}
