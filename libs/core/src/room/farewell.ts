// What every leaving changes, whatever its cause.
import type { Position } from "@heliograph/protocol";
import type { DataChange, Farewell } from "./effect.ts";
import { leaveEmpty } from "./lingering.ts";
import type { Member } from "./member.ts";
import { successorOf } from "./roles.ts";
import type { RoomState } from "./state.ts";

export function sayFarewell(state: RoomState, member: Member, at: Position): Farewell {
  state.seats.remove(member);
  state.departed.add({ id: member.id, epoch: member.epoch, mark: member.mark.toCopy(), left: at.time });
  const removed = removeOwned(state, member);
  const successor = successorOf(state, member);
  if (successor !== undefined) successor.role = "moderator";
  const emptied = leaveEmpty(state, at);
  return successor === undefined ? { removed, emptied } : { successor, removed, emptied };
}

function removeOwned(state: RoomState, member: Member): readonly DataChange[] {
  const owned = state.data?.ownedBy(member.id) ?? [];
  return owned.map(({ key }) => {
    state.data?.remove(key);
    state.versions += 1;
    return { key, version: state.versions };
  });
}
