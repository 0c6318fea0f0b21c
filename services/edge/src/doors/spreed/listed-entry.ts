// Lists of sessions, entry by entry as they are encoded: to encode two thousand anew for each who comes in takes 3 ms.
import type { Told } from "@heliograph/dialects/spreed";

/** A session as it stands in lists. */
export interface ListedEntry {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** Documents that have a list of sessions as their last member. */
export type Listing = Extract<Told, { readonly Type: "Users" | "Welcome" }>;

const [openArray, comma, closeArray] = [0x5b, 0x2c, 0x5d];

/** A JSON array of what is JSON already. */
export function joinedEntries(entries: readonly ListedEntry[]): Uint8Array {
  const size = entries.reduce((sum, { bytes }) => sum + bytes.length + 1, entries.length === 0 ? 2 : 1);
  const all = new Uint8Array(size);
  let at = 0;
  all[at++] = openArray;
  for (const [i, { bytes }] of entries.entries()) {
    if (i > 0) all[at++] = comma;
    all.set(bytes, at);
    at += bytes.length;
  }
  all[at] = closeArray;
  return all;
}
