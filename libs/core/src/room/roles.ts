// What each role may do, and which roles there are.
import type { ModerateAction, Role } from "@heliograph/protocol";
import type { SaidEntry } from "./entry.ts";
import type { Member } from "./member.ts";
import type { RoomState } from "./state.ts";

type Said = SaidEntry["kind"];

const viewer: ReadonlySet<Said> = new Set<Said>(["leave", "signal", "profile"]);
const participant: ReadonlySet<Said> = new Set<Said>([...viewer, "broadcast", "data"]);

export function mayDo(role: Role, kind: Said): boolean {
  if (role === "moderator") return true;
  return (role === "participant" ? participant : viewer).has(kind);
}

const roles: ReadonlySet<Role> = new Set<Role>(["moderator", "participant", "viewer"]);

/** A role of a newer version counts as none, on every host alike. */
export function knownRole(role: Role | undefined): Role | undefined {
  return role !== undefined && roles.has(role) ? role : undefined;
}

/** Someone would be left without anybody to unlock the room. */
export function isLastDemotion(state: RoomState, sender: Member, action: ModerateAction): boolean {
  if (action.action !== "role" || action.member !== sender.id || action.role === "moderator") return false;
  return state.seats.size > 1 && !hasOtherModerator(state, sender);
}

function hasOtherModerator(state: RoomState, member: Member): boolean {
  return state.seats.all().some((other) => other !== member && other.role === "moderator");
}

/** When the last moderator has gone: whoever has been there longest, the present before the away. */
export function successorOf(state: RoomState, gone: Member): Member | undefined {
  if (gone.role !== "moderator" || hasOtherModerator(state, gone)) return undefined;
  const seated = state.seats.all();
  return seated.find((member) => member.state === "present") ?? seated[0];
}
