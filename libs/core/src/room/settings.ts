// What a room's settings may be, and their change.
import type { PresenceMode, RoomType } from "@heliograph/protocol";
import type { SettingsEntryChange } from "./entry.ts";
import { isLinger, lingerFrom, withLinger } from "./lingering.ts";
import type { Refusal } from "./refusal.ts";
import { refusal } from "./refusal.ts";
import type { RoomState } from "./state.ts";

const types: ReadonlySet<RoomType> = new Set<RoomType>(["adhoc", "standing"]);
const presences: ReadonlySet<PresenceMode> = new Set<PresenceMode>(["full", "count", "none"]);

/** Values of a newer version are refused, on every host alike. A capacity below the present size throws nobody out. */
export function whyNotSettle(state: RoomState, change: SettingsEntryChange): Refusal | undefined {
  const { capacity, type, presence, linger } = change;
  if (capacity !== undefined && (!Number.isSafeInteger(capacity) || capacity < 0)) {
    return refusal("malformed", "capacity");
  }
  if (type !== undefined && !types.has(type)) return refusal("malformed", "type");
  if (presence !== undefined && !presences.has(presence)) return refusal("malformed", "presence");
  if (linger !== undefined && state.rules >= lingerFrom && !isLinger(linger)) return refusal("malformed", "linger");
  return undefined;
}

export function settle(state: RoomState, change: SettingsEntryChange): void {
  const now = state.settings;
  const {
    capacity = now.capacity,
    pin = now.pin,
    locked = now.locked,
    type = now.type,
    presence = now.presence,
  } = change;
  const linger = state.rules < lingerFrom ? now.linger : (change.linger ?? now.linger);
  state.settings = withLinger({ capacity, pin, locked, type, presence }, linger);
}
