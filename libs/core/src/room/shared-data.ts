// The values that a room's members share, and how much of them there may be.
import type { MemberId } from "@heliograph/protocol";
import type { DataCopy } from "./copy.ts";

/** Keys per room, bytes per value, bytes of all values of a room. */
export const dataCaps = { keys: 256, valueBytes: 65_536, roomBytes: 1_048_576 } as const;

export class SharedData {
  readonly #byKey = new Map<string, DataCopy>();
  #bytes = 0;

  constructor(copies: readonly DataCopy[] = []) {
    for (const copy of copies) this.set(copy);
  }

  get size(): number {
    return this.#byKey.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): DataCopy | undefined {
    return this.#byKey.get(key);
  }

  /** A changed value moves to the end: the order is that of the versions, in every copy alike. */
  set(datum: DataCopy): void {
    this.remove(datum.key);
    this.#byKey.set(datum.key, datum);
    this.#bytes += datum.value.bytes.length;
  }

  remove(key: string): void {
    this.#bytes -= this.#byKey.get(key)?.value.bytes.length ?? 0;
    this.#byKey.delete(key);
  }

  ownedBy(member: MemberId): DataCopy[] {
    return this.toCopy().filter((datum) => datum.owner === member);
  }

  toCopy(): DataCopy[] {
    return [...this.#byKey.values()];
  }
}
