// What moderators do to members.
import type { ModerateAction, Position } from "@heliograph/protocol";
import { withBan, withoutBan } from "./bans.ts";
import type { Effect } from "./effect.ts";
import { sayFarewell } from "./farewell.ts";
import type { Member } from "./member.ts";
import type { Refusal } from "./refusal.ts";
import { refusal } from "./refusal.ts";
import { isLastDemotion, knownRole } from "./roles.ts";
import type { RoomState } from "./state.ts";

export function whyNotModerate(state: RoomState, sender: Member, action: ModerateAction): Refusal | undefined {
  switch (action.action) {
    case "remove":
      if (action.member === sender.id) return refusal("forbidden", "leave instead");
      return whyNotTarget(state, action);
    case "ban":
      return action.member === sender.id ? refusal("forbidden", "leave instead") : undefined;
    case "unban":
      return undefined;
    case "mute":
      return whyNotTarget(state, action);
    case "role":
      if (knownRole(action.role) === undefined) return refusal("malformed", "role");
      if (isLastDemotion(state, sender, action)) return refusal("forbidden", "the last moderator");
      return whyNotTarget(state, action);
    default:
      action satisfies never;
      return refusal("unknown_type", "action");
  }
}

function whyNotTarget(state: RoomState, action: ModerateAction): Refusal | undefined {
  return state.seats.get(action.member) === undefined ? refusal("unknown_peer") : undefined;
}

export function moderate(state: RoomState, action: ModerateAction, at: Position): Effect {
  const target = state.seats.get(action.member);
  switch (action.action) {
    case "remove":
      return removed(state, target, at);
    case "ban":
      state.bans = withBan(state.bans, action.member, target);
      return removed(state, target, at);
    case "unban":
      state.bans = withoutBan(state.bans, action.member);
      return { type: "moderated", target };
    case "mute":
      return { type: "moderated", target };
    case "role":
      if (target !== undefined) target.role = action.role;
      return { type: "moderated", target };
    default:
      return action satisfies never;
  }
}

function removed(state: RoomState, target: Member | undefined, at: Position): Effect {
  if (target === undefined) return { type: "moderated", target };
  return { type: "moderated", target, farewell: sayFarewell(state, target, at) };
}
