// How a room's log begins when it tells the whole room.
import type { Entry } from "./entry.ts";

/** Before the join that opens the room there may be the rules that it begins with. */
export function beginsRoom([first, second]: readonly Entry[]): boolean {
  const opening = first?.kind === "upgrade" ? second : first;
  return opening?.kind === "join" && opening.fresh === true;
}
