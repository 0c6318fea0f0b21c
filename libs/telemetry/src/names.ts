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
  waiting: { level: "warn", says: "this process waits for NATS: it begins when servers and streams answer" },
  turn_fetched: { level: "info", says: "a TURN provider gave new credentials" },
  turn_fetch_failed: { level: "warn", says: "a TURN provider gave no credentials; the last ones serve to their end" },
  turn_fetch_refused: { level: "error", says: "a TURN provider refuses us: its key is wrong, revoked or unpaid" },
  turn_urls_dropped: { level: "warn", says: "a TURN provider named servers that no client may be told" },
  turn_probe_failed: { level: "warn", says: "a TURN server of ours did not allocate" },
  log_lost_early: { level: "warn", says: "a stream is full and drops entries before their time: raise nats.maxBytes" },
  turn_guard_open: { level: "error", says: "a TURN server of ours relays into a private network" },
  fault: { level: "error", says: "a fault of this program; what caused it was ended and the rest goes on" },
} as const satisfies Readonly<Record<string, LineKind>>;

export type LineName = keyof typeof lines;
