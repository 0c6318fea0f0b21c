// What happened, never how it is exported: telemetry turns these into metrics, logs and traces.
import type { Close, ConnectionReport, NodeId, Reason, RoomKey, SessionId } from "@heliograph/protocol";
import type { IceHappening } from "./ice-happening.ts";

export type Happening =
  | IceHappening
  | { readonly type: "session_opened"; readonly session: SessionId; readonly resumed: boolean }
  | { readonly type: "session_closed"; readonly session: SessionId; readonly close: Close | "cut" }
  | { readonly type: "connection_report"; readonly session: SessionId; readonly report: ConnectionReport }
  /** `same`: whoever asked had it already. */
  | { readonly type: "picture_asked"; readonly answer: "whole" | "same" | "absent" | "unreachable" }
  | { readonly type: "refused"; readonly reason: Reason; readonly command: string }
  | {
      readonly type: "room_loaded";
      readonly room: RoomKey;
      readonly from: "new" | "host" | "copy" | "log";
      readonly ms: number;
    }
  | { readonly type: "room_unloaded"; readonly room: RoomKey }
  | { readonly type: "room_reloaded"; readonly room: RoomKey; readonly why: "lost" | "reborn" | "digest" }
  | { readonly type: "digest_alarm"; readonly room: RoomKey; readonly seq: number; readonly other: NodeId }
  | { readonly type: "unknown_entry"; readonly room: RoomKey; readonly kind: string }
  | { readonly type: "gap"; readonly room: RoomKey; readonly reason: string }
  | { readonly type: "link"; readonly link: "log" | "memory"; readonly state: "up" | "down" }
  /** A stream was full and threw bundles away before their time: what is left reaches back for `reach` milliseconds. */
  | { readonly type: "log_lost_early"; readonly shard: number; readonly bundles: number; readonly reach: number }
  | { readonly type: "node_silent"; readonly node: NodeId }
  /** This process cannot begin without it; `error` says what it met. */
  | { readonly type: "waiting"; readonly link: "log"; readonly error: unknown }
  | { readonly type: "fault"; readonly where: string; readonly error: unknown };

export interface Observer {
  /** Never throws and returns at once. */
  observe(happening: Happening): void;
}
