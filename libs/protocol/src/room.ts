// What clients see of a room: settings, members, shared values.
import type { Body } from "./body.ts";
import type { MemberId } from "./ids.ts";

/** `full`: everyone sees everyone come and go. `count`: only how many. `none`: nothing. */
export type PresenceMode = "full" | "count" | "none";

/** `adhoc`: settings, data and bans end with the last member, or linger for a while. `standing`: they stay. */
export type RoomType = "adhoc" | "standing";

/**
 * `moderator`: everything. `participant`: signal, broadcast, profile, data. `viewer`: signal and profile, so that it
 * can receive media. The first member of a room is its moderator; when the last moderator has left, the member that
 * has been there longest becomes one.
 */
export type Role = "moderator" | "participant" | "viewer";

export interface Profile {
  readonly name?: string;
  readonly status?: string;
  /** An address or a small data URL that clients may show. */
  readonly picture?: string;
  /**
   * What the member's own dialect says of it beyond these: at most 16 KiB (`ownBytes`), opaque to everybody else. It
   * reaches readers of the same dialect by another member's event or a view; the native wire neither brings nor tells it.
   */
  readonly own?: Body;
}

/** Bytes that `Profile.own` may have at most. */
export const ownBytes = 16_384;

/** `away`: its connection was lost, and its grace has not passed. */
export type MemberState = "present" | "away";

export interface MemberView {
  readonly id: MemberId;
  readonly profile: Profile;
  readonly role: Role;
  readonly state: MemberState;
}

/** Settings as members see them. The PIN itself is told to nobody. */
export interface SettingsView {
  /** Seats; 0 means no bound of its own. */
  readonly capacity: number;
  readonly pin: boolean;
  readonly locked: boolean;
  readonly type: RoomType;
  readonly presence: PresenceMode;
}

/** What a `room` command changes; absent members stay as they are. `pin: null` removes the PIN. */
export interface SettingsChange {
  readonly capacity?: number;
  readonly pin?: string | null;
  readonly locked?: boolean;
  readonly type?: RoomType;
  readonly presence?: PresenceMode;
  /** As in `Opening`. The native wire cannot say it. */
  readonly linger?: number;
}

/** What a join gives the room if it opens it: the room is new, or ad hoc and over. Otherwise it has no effect. */
export interface Opening {
  /** The room's PIN from then on; who brings it is in. */
  readonly pin?: string;
  /**
   * Milliseconds of log time that the settings, data and bans of an ad-hoc room outlive its last member; absent: none.
   * At most an hour (`mostLinger`). Whoever joins within them finds the room as it was.
   */
  readonly linger?: number;
}

/** Milliseconds that a room may linger at most. */
export const mostLinger = 3_600_000;

export interface SharedValue {
  readonly key: string;
  readonly version: number;
  readonly value: Body;
  /** Present when the value is removed as its owner leaves. */
  readonly owner?: MemberId;
}

/** A room as of one position. */
export interface RoomView {
  readonly settings: SettingsView;
  /** Everyone in the room; only the reader itself unless presence is `full`. */
  readonly members: readonly MemberView[];
  /** How many are in the room; 0 for others when presence is `none`. */
  readonly count: number;
  readonly data: readonly SharedValue[];
}

export type ModerateAction =
  | { readonly action: "remove"; readonly member: MemberId }
  | { readonly action: "ban"; readonly member: MemberId }
  | { readonly action: "unban"; readonly member: MemberId }
  | { readonly action: "mute"; readonly member: MemberId; readonly media: "audio" | "video" | "all" }
  | { readonly action: "role"; readonly member: MemberId; readonly role: Role };
