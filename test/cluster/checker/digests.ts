// Whether the hosts of each room ended every round in the same state, by the digests that they told each other.
import { grouped } from "./grouped.ts";
import type { DigestLine } from "./journal.ts";
import type { Breach } from "./messages.ts";

export interface Agreement {
  readonly breaches: readonly Breach[];
  /** Rooms of which two hosts or more told the digest of the same place. */
  readonly compared: number;
}

/** Two digests of one place in a room are of one state. */
export function judgeDigests(digests: readonly DigestLine[]): Breach[] {
  const breaches: Breach[] = [];
  const known = new Map<string, DigestLine>();
  for (const line of digests) {
    const place = `${line.room} at ${line.seq} of ${line.time}`;
    const other = known.get(place);
    if (other === undefined) known.set(place, line);
    else if (other.digest !== line.digest) {
      const says = `${place}: ${line.node} has ${line.digest}, ${other.node} ${other.digest}`;
      breaches.push({ rule: "equal digests", says, at: line.at });
    }
  }
  return breaches;
}

/** In a silence all hosts of a room come to stand at the same place: the last word of each must be the same. */
export function judgeSilence(digests: readonly DigestLine[], from: number, until: number): Agreement {
  const breaches: Breach[] = [];
  let compared = 0;
  const said = digests.filter(({ at }) => at >= from && at <= until);
  for (const [room, lines] of grouped(said, (line) => line.room)) {
    const last = new Map(lines.map((line) => [line.node, line]));
    const words = new Set([...last.values()].map(({ seq, digest }) => `${seq} ${digest}`));
    if (last.size > 1) compared += 1;
    if (words.size > 1) {
      const says = [...last.values()].map(({ node, seq, digest }) => `${node} at ${seq} ${digest}`).join(", ");
      breaches.push({ rule: "equal digests", says: `${room} ended with ${says}`, at: until });
    }
  }
  return { breaches, compared };
}
