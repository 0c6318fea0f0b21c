// What a client may ask of the cluster. Every dialect ends here.
import type { Body } from "./body.ts";
import type { IceWish } from "./ice.ts";
import type { MemberId, RoomName, SessionId } from "./ids.ts";
import type { Position } from "./position.ts";
import type { ModerateAction, Opening, Profile, Role, SettingsChange } from "./room.ts";

export interface ClientInfo {
  readonly name: string;
  readonly version: string;
}

/**
 * Asks for the session's personal channel: a room of one, whose name no client can say (`personalRoom`). What is sent to
 * the session outside any room comes as `letter`, and a newer connection takes the session over on whichever node the
 * older one is, though it be in no other room. It is joined as any room: answered by `joined`, left by `bye`.
 */
export interface ChannelWish {
  /** The session's own in its channel: what look-ups show of it. Changed by `profile` in that room. */
  readonly profile: Profile;
}

/** Opens a session. `attempt` is the connection counter of the SDK: the first part of every epoch. */
export interface Hello {
  readonly type: "hello";
  readonly token?: string;
  readonly attempt: number;
  readonly client?: ClientInfo;
  /** Absent: `auto`. */
  readonly iceWish?: IceWish;
  readonly channel?: ChannelWish;
}

/** Takes a session over from whichever connection spoke for it, on any node. */
export interface Resume {
  readonly type: "resume";
  readonly token: string;
  readonly attempt: number;
  readonly client?: ClientInfo;
  /** Absent: the session's last, where the node knows it, else `auto`. */
  readonly iceWish?: IceWish;
  readonly channel?: ChannelWish;
  readonly rooms: readonly { readonly room: RoomName; readonly position: Position }[];
}

/** Commands of an open session that concern no room; `n` counts per connection. */
export type SessionCommand =
  | {
      readonly type: "join";
      readonly n: number;
      readonly room: RoomName;
      readonly pin?: string;
      /** A PIN that is given where none is needed is refused (`pin_not_needed`): some dialects want to hear it. */
      readonly exactPin?: true;
      readonly opening?: Opening;
      readonly profile: Profile;
      /** Asked for by dialects whose members all may do what takes that role; absent: the room gives one. */
      readonly role?: Role;
      /** To who is in already, only the room as it is now is told: its client keeps no positions. */
      readonly anew?: true;
    }
  /** `wish`: from now on; absent: as before. */
  | { readonly type: "ice"; readonly n: number; readonly wish?: IceWish }
  | { readonly type: "report"; readonly n: number; readonly report: ConnectionReport }
  | { readonly type: "ping"; readonly n: number }
  | { readonly type: "bye" };

/** Commands inside a room; `n` counts per session and room, from 1, without holes. */
export type RoomCommand =
  | { readonly type: "leave"; readonly n: number; readonly room: RoomName }
  | { readonly type: "signal"; readonly n: number; readonly room: RoomName; readonly to: MemberId; readonly body: Body }
  | { readonly type: "broadcast"; readonly n: number; readonly room: RoomName; readonly body: Body }
  | { readonly type: "profile"; readonly n: number; readonly room: RoomName; readonly profile: Profile }
  | {
      readonly type: "data";
      readonly n: number;
      readonly room: RoomName;
      readonly key: string;
      /** Absent: the key is removed. */
      readonly value?: Body;
      /** Applied only while the key has this version; 0: only while it does not exist. */
      readonly ifVersion?: number;
      /** The value goes when its author leaves. */
      readonly owned: boolean;
    }
  | { readonly type: "settings"; readonly n: number; readonly room: RoomName; readonly change: SettingsChange }
  | { readonly type: "moderate"; readonly n: number; readonly room: RoomName; readonly action: ModerateAction };

/** At most once, not stored, never answered, and without `n`. */
export type VolatileCommand = {
  readonly type: "volatile";
  readonly room: RoomName;
  /** Absent: to all members. */
  readonly to?: MemberId;
  readonly body: Body;
};

/**
 * To a session outside any room: whoever knows its id may write to it. At most once, in order among the letters of one
 * connection to one session, and without `n`: nobody learns whether it arrived, or whether there is such a session. What
 * the sender's own node refuses at once is told (`malformed`, `too_large`, `slow_down`, `unavailable`), and no more.
 */
export type LetterCommand = {
  readonly type: "letter";
  readonly to: SessionId;
  readonly body: Body;
};

export type Command = Hello | Resume | SessionCommand | RoomCommand | VolatileCommand | LetterCommand;

/** How a peer connection fared, told by the client for the operators' statistics. */
export interface ConnectionReport {
  readonly peer: MemberId;
  readonly state: "connecting" | "connected" | "failed" | "disconnected" | "closed";
  readonly pair?: PairKind;
  readonly local?: CandidateType;
  readonly remote?: CandidateType;
  /** Milliseconds, by the selected candidate pair. */
  readonly roundTrip?: number;
  /** Milliseconds from the first description to `connected`. */
  readonly setup?: number;
  /** What TURN servers answered instead of a relay: STUN error codes (RFC 8489), and 701 for one that was not reached. */
  readonly turnErrors?: readonly number[];
}

/** RFC 8445 section 5.1.1, as RTCIceCandidateType spells it. */
export type CandidateType = "host" | "srflx" | "prflx" | "relay";

/** How a peer connection came about, by its own end: of a relay with the transport to the TURN server. */
export type PairKind = "host" | "srflx" | "prflx" | "relay_udp" | "relay_tcp" | "relay_tls" | "failed";
