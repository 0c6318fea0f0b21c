// What the cluster tells a client. Every dialect writes these in its own words.
import type { Body } from "./body.ts";
import type { IceExpiry, IceZone } from "./ice.ts";
import type { MemberId, NodeId, RoomName, SessionId } from "./ids.ts";
import type { Position } from "./position.ts";
import type { Reason } from "./refusal.ts";
import type { MemberView, ModerateAction, RoomView, SettingsView } from "./room.ts";

/** RTCIceServer of WebRTC 1.0 section 4.2.4. A TURN server has both username and credential, or browsers throw. */
export interface IceServer {
  readonly urls: readonly string[];
  readonly username?: string;
  /** The TURN password: never logged. */
  readonly credential?: string;
}

/** What one session may use now. */
export interface IceGrant {
  /** Goes into RTCPeerConnection untouched: at most one TURN server with several URLs, and one STUN server. */
  readonly iceServers: readonly IceServer[];
  /** Whole seconds from now, since clocks of clients lie; 0: does not end. */
  readonly ttl: number;
  readonly expiry: IceExpiry;
  /** Less than this client is meant to have: there is no TURN now, or not for this one. */
  readonly degraded: boolean;
  /** The zone whose URLs are in `iceServers`. */
  readonly zone?: string;
  /** The selectable zones by priority, where there are two or more; the login of the grant opens all of them. */
  readonly zones?: readonly IceZone[];
  /** Where the client may ask which zone is near: https. */
  readonly geo?: string;
  /** Asked too often (`slow_down`); `retryIn` in milliseconds. */
  readonly limited?: { readonly retryIn: number };
}

/** What a client may do at most. Bytes, counts and milliseconds. */
export interface Limits {
  readonly frameBytes: number;
  readonly bodyBytes: number;
  readonly nameBytes: number;
  readonly roomsPerSession: number;
  /** Unanswered commands per session. */
  readonly outstanding: number;
  /** The client pings at least this often. */
  readonly heartbeat: number;
  /** How long a lost client is `away` before it has `left`. */
  readonly grace: number;
  /** How long messages are kept for a resume. */
  readonly window: number;
}

/** Why positions in between could not be delivered. */
export type GapReason = "too_old" | "log_restarted" | "unknown_position" | "in_doubt";

export interface Gap {
  readonly from: Position;
  readonly to: Position;
  readonly reason: GapReason;
}

/** How a resumed room stands: nothing was missed; exactly this was missed; the stay is over. */
export type Verdict =
  /** `view` is there when the node could replay what was said but not every change: it replaces what the client has. */
  | { readonly verdict: "complete"; readonly view?: RoomView }
  | { readonly verdict: "gap"; readonly gap: Gap; readonly view: RoomView }
  | { readonly verdict: "expired"; readonly reason: Reason };

/** How a member's stay changed. Whoever is removed or banned is told by `moderated` alone: one event per entry. */
export type MemberChange =
  | { readonly change: "joined" | "back" | "updated" | "away"; readonly member: MemberView }
  /**
   * `lost`: it did not come back within its grace. `successor` became moderator, since the last one left. Values that
   * the member owned are gone with it.
   */
  | { readonly change: "left"; readonly id: MemberId; readonly why: "left" | "lost"; readonly successor?: MemberId }
  | { readonly change: "count"; readonly count: number };

export type SessionEvent =
  | {
      readonly type: "welcome";
      readonly session: SessionId;
      /** Resume token; replaces any earlier one. */
      readonly token: string;
      readonly resumed: boolean;
      readonly node: NodeId;
      readonly limits: Limits;
      readonly ice: IceGrant;
    }
  | { readonly type: "ice"; readonly n?: number; readonly ice: IceGrant }
  | { readonly type: "degraded"; readonly missing: readonly ("log" | "memory")[] }
  | { readonly type: "goaway"; readonly retryIn: number }
  /** `rooms`: up to where the node has applied each room of the session; nothing before it is still to come. */
  | {
      readonly type: "pong";
      readonly n: number;
      readonly rooms: readonly { readonly room: RoomName; readonly asOf: Position }[];
    }
  | {
      readonly type: "refused";
      readonly reason: Reason;
      readonly detail?: string;
      readonly retryIn?: number;
      readonly n?: number;
      readonly room?: RoomName;
    };

export type RoomEvent =
  /** Cumulative: every command of this session in the room up to `n` that was not refused has been applied. */
  | { readonly type: "ack"; readonly room: RoomName; readonly n: number; readonly position: Position }
  | {
      readonly type: "joined";
      readonly room: RoomName;
      /** Absent when the answer belongs to a `join` of an earlier connection. */
      readonly n?: number;
      readonly self: MemberId;
      /** The highest `n` of this session that was applied in the room; its next command is above it. */
      readonly mark: number;
      readonly position: Position;
      readonly view: RoomView;
    }
  | ({
      readonly type: "resumed";
      readonly room: RoomName;
      readonly mark: number;
      readonly position: Position;
    } & Verdict)
  | { readonly type: "member"; readonly room: RoomName; readonly position: Position; readonly what: MemberChange }
  | {
      readonly type: "signal" | "broadcast";
      readonly room: RoomName;
      readonly from: MemberId;
      readonly body: Body;
      /** Absent: volatile. */
      readonly position?: Position;
    }
  | {
      /** In the session's personal channel: sent to it outside any room. */
      readonly type: "letter";
      readonly room: RoomName;
      /** Absent: the house itself, by no client's word. */
      readonly from?: SessionId;
      readonly body: Body;
      readonly position: Position;
    }
  | {
      readonly type: "data";
      readonly room: RoomName;
      readonly position: Position;
      readonly key: string;
      readonly version: number;
      readonly by: MemberId;
      /** Absent: removed. */
      readonly value?: Body;
      readonly owner?: MemberId;
    }
  | {
      readonly type: "settings";
      readonly room: RoomName;
      readonly position: Position;
      readonly by: MemberId;
      readonly settings: SettingsView;
    }
  | {
      readonly type: "moderated";
      readonly room: RoomName;
      readonly position: Position;
      readonly by: MemberId;
      readonly action: ModerateAction;
    }
  | {
      readonly type: "gap";
      readonly room: RoomName;
      readonly position: Position;
      readonly gap: Gap;
      readonly view: RoomView;
    };

export type Event = SessionEvent | RoomEvent;
