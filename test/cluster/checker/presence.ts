// Whether everybody was shown coming and going in turn: no `away` without its `back`, none twice, nobody given up.
import type { ClientJournal, MemberState } from "./journal.ts";
import type { Breach } from "./messages.ts";

export interface Presence {
  readonly breaches: readonly Breach[];
  /** When each `away` was told to anybody. */
  readonly aways: readonly number[];
}

export function judgePresence(clients: readonly ClientJournal[]): Presence {
  const breaches: Breach[] = [];
  const aways: number[] = [];
  for (const { name, lines } of clients) {
    const rooms = new Map<string, Map<string, MemberState>>();
    /** Rooms that are being told again to a connection that has just been made. */
    const replayed = new Set<string>();
    let end = 0;
    for (const line of lines) {
      end = line.at;
      if (line.what === "welcome") for (const room of rooms.keys()) replayed.add(room);
      if (line.what === "resumed") replayed.delete(line.room);
      // What a view shows replaces what was known: a `back` that it holds is not told once more.
      if (line.what === "joined" || line.what === "resumed")
        rooms.set(line.room, new Map(Object.entries(line.members)));
      if (line.what === "left") rooms.delete(line.room);
      if (line.what !== "member") continue;
      const there = rooms.get(line.room);
      if (there === undefined) continue;
      if (line.change === "away") aways.push(line.at);
      // Where a view follows not every change before it is told: a `back` may come without its `away`, and no other.
      const untold = replayed.has(line.room) && line.change === "back" && there.get(line.member) === "present";
      const wrong = untold ? undefined : step(there, line.change, line.member);
      if (wrong !== undefined) {
        const says = `${name} in ${line.room} was told of ${line.member}: ${line.change}, ${wrong}`;
        breaches.push({ rule: "away and back", says, at: line.at });
      }
    }
    for (const [room, there] of rooms) {
      for (const [member, state] of there) {
        if (state !== "away") continue;
        breaches.push({ rule: "away and back", says: `${name} in ${room} still shows ${member} away`, at: end });
      }
    }
  }
  return { breaches, aways };
}

function step(there: Map<string, MemberState>, change: string, member: string): string | undefined {
  const known = there.get(member);
  switch (change) {
    case "joined":
      there.set(member, "present");
      return known === undefined ? undefined : "who was there";
    case "left":
      there.delete(member);
      return known === undefined ? "who was not there" : undefined;
    case "away":
      there.set(member, "away");
      return known === "present" ? undefined : `who was ${known ?? "not there"}`;
    case "back":
      there.set(member, "present");
      return known === "away" ? undefined : `who was ${known ?? "not there"}`;
    default:
      return "which is no change";
  }
}
