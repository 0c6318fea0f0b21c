// What every leaving changes, whatever its cause.
import type { Position } from "@heliograph/protocol";
import { noBans } from "./bans.ts";
import type { DataChange, Farewell } from "./effect.ts";
import type { Member } from "./member.ts";
import { successorOf } from "./roles.ts";
import type { RoomState } from "./state.ts";
import { newSettings } from "./state.ts";

export function sayFarewell(state: RoomState, member: Member, at: Position): Farewell {
  state.seats.remove(member);
  state.departed.add({ id: member.id, epoch: member.epoch, mark: member.mark.toCopy(), left: at.time });
  const removed = removeOwned(state, member);
  const successor = successorOf(state, member);
  if (successor !== undefined) successor.role = "moderator";
  const emptied = state.seats.size === 0 && state.settings.type === "adhoc";
  if (emptied) {
    state.settings = newSettings;
    state.data = undefined;
    state.bans = noBans;
  }
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
