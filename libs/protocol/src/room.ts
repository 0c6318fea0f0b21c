// What clients see of a room: settings, members, shared values.
import type { Body } from "./body.ts";
import type { MemberId } from "./ids.ts";

/** `full`: everyone sees everyone come and go. `count`: only how many. `none`: nothing. */
export type PresenceMode = "full" | "count" | "none";

/** `adhoc`: settings, data and bans end with the last member. `standing`: they stay. */
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
}

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
}

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
