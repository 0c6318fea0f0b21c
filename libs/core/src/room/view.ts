// What members see of a room.
import type { MemberId, RoomView, SettingsView } from "@heliograph/protocol";
import type { SettingsCopy } from "./copy.ts";
import type { Member } from "./member.ts";
import type { RoomState } from "./state.ts";

/** Without the PIN: its verifier would let a member guess it at leisure. */
export function viewSettings({ capacity, pin, locked, type, presence }: SettingsCopy): SettingsView {
  return { capacity, pin: pin !== null, locked, type, presence };
}

export function viewRoom(state: RoomState, reader: MemberId | undefined): RoomView {
  const self = reader === undefined ? undefined : state.seats.get(reader);
  const members = reader === undefined ? state.seats.all() : visibleTo(state, self);
  return {
    settings: viewSettings(state.settings),
    // Who reads it is there: a view may be told before the reader's `back`, which others hear and it does not.
    members: members.map((member) => (member === self ? { ...member.view(), state: "present" } : member.view())),
    count: state.settings.presence === "none" ? members.length : state.seats.size,
    data: state.data?.toCopy() ?? [],
  };
}

function visibleTo(state: RoomState, self: Member | undefined): readonly Member[] {
  if (state.settings.presence === "full") return state.seats.all();
  return self === undefined ? [] : [self];
}
