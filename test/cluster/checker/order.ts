// Whether everybody heard the same in the same order: places rise for each hearer, and one place holds one thing for all.
import type { ClientJournal } from "./journal.ts";
import type { Breach } from "./messages.ts";
import type { Place } from "./place.ts";
import { compare, placeOf } from "./place.ts";

export function judgeOrder(clients: readonly ClientJournal[]): Breach[] {
  const breaches: Breach[] = [];
  /** What stands at a place of a room, and the place of what was said. */
  const standing = new Map<string, string>();
  const placed = new Map<string, string>();
  for (const { name, lines } of clients) {
    const last = new Map<string, { readonly place: Place; readonly what: string }>();
    for (const line of lines) {
      if (line.what === "joined") last.delete(line.room);
      if (line.what !== "heard" && line.what !== "member") continue;
      const wrong = (says: string): number => breaches.push({ rule: "one order", says, at: line.at });
      const what = line.what === "heard" ? line.id : `${line.change} ${line.member}`;
      const place = placeOf(line.position);
      const before = last.get(line.room);
      if (before !== undefined && compare(place, before.place) <= 0) {
        wrong(`${name} in ${line.room} heard ${what} after ${before.what}, which stands behind it`);
      }
      last.set(line.room, { place, what });
      const at = `${line.room} ${line.position}`;
      const other = standing.get(at);
      if (other === undefined) standing.set(at, what);
      else if (other !== what) wrong(`at ${line.position} of ${line.room} ${name} heard ${what}, another ${other}`);
      if (line.what !== "heard") continue;
      const elsewhere = placed.get(what);
      if (elsewhere === undefined) placed.set(what, at);
      else if (elsewhere !== at) wrong(`${what} stands at ${at} for ${name}, and at ${elsewhere} for another`);
    }
  }
  return breaches;
}
