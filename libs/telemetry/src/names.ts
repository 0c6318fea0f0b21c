// Every line that a node writes about what happened in core: its name for programs, its level, its words for people.
import type { LineLevel } from "./log.ts";

export interface LineKind {
  readonly level: LineLevel;
  readonly says: string;
}

/**
 * `debug` is what every client causes in passing; `info` what an operator wants to have seen afterwards; `warn` what
 * somebody should look at when it goes on; `error` what is wrong with us. Names are stable: dashboards go by them.
 */
export const lines = {
  session_opened: { level: "debug", says: "a session was opened" },
  session_closed: { level: "debug", says: "a session's connection ended" },
  peers_connected: { level: "debug", says: "a client reports on its connection to a peer" },
  peers_failed: { level: "info", says: "a client could not connect to a peer" },
  command_refused: { level: "debug", says: "a command was refused" },
  room_loaded: { level: "debug", says: "a room is hosted from now on" },
  room_unloaded: { level: "debug", says: "a room is no longer hosted" },
  room_reloaded: { level: "warn", says: "a room was loaded anew" },
  digest_alarm: { level: "error", says: "two hosts of a room differ: one state is adopted by all" },
  unknown_entry: { level: "warn", says: "an entry of a kind unknown to this version was skipped" },
  gap: { level: "info", says: "a client was told that it missed something" },
  link_up: { level: "info", says: "the link is up" },
  link_down: { level: "warn", says: "the link is down: what needs it waits" },
  node_silent: { level: "warn", says: "a node has not been heard: its members are taken to be away" },
  fault: { level: "error", says: "a fault of this program; what caused it was ended and the rest goes on" },
} as const satisfies Readonly<Record<string, LineKind>>;

export type LineName = keyof typeof lines;
