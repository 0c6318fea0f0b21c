// What an ad-hoc room is without members: as new, unless it lingers; and what a join gives it that opens it.
import type { Position } from "@heliograph/protocol";
import { mostLinger } from "@heliograph/protocol";
import { noBans } from "./bans.ts";
import type { SettingsCopy } from "./copy.ts";
import type { OpeningEntry } from "./entry.ts";
import type { RoomState } from "./state.ts";
import { newSettings } from "./state.ts";

/** The rules from which on rooms are opened with settings, linger, and refuse PINs that nobody asked for. */
export const lingerFrom = 2;

/** Somebody has left. Whether nothing is left of the room. */
export function leaveEmpty(state: RoomState, at: Position): boolean {
  if (state.seats.size > 0 || state.settings.type !== "adhoc") return false;
  if (state.settings.linger !== undefined) {
    state.emptied = at.time;
    return false;
  }
  makeNew(state);
  return true;
}

/** Time alone ends a lingering room, and time is what the log says: it is over with the first entry that comes too late. */
export function lapse(state: RoomState, time: number): void {
  const { emptied, settings } = state;
  if (emptied !== undefined && time - emptied >= (settings.linger ?? 0)) makeNew(state);
}

function makeNew(state: RoomState): void {
  state.settings = newSettings;
  state.data = undefined;
  state.bans = noBans;
  state.emptied = undefined;
}

/** The settings that whoever joins next meets. A join that opens the room brings them. */
export function settingsFor(state: RoomState, opening: OpeningEntry | undefined): SettingsCopy {
  const opens = state.seats.size === 0 && state.settings.type === "adhoc" && state.emptied === undefined;
  if (!opens || opening === undefined || state.rules < lingerFrom) return state.settings;
  const { pin = null, linger } = opening;
  return withLinger({ ...newSettings, pin }, linger);
}

/** One form for each meaning, so that copies and digests agree. */
export function withLinger({ linger: _former, ...settings }: SettingsCopy, linger: number | undefined): SettingsCopy {
  return linger === undefined || linger === 0 ? settings : { ...settings, linger };
}

export function isLinger(linger: number): boolean {
  return Number.isSafeInteger(linger) && linger >= 0 && linger <= mostLinger;
}
