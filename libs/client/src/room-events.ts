// What a room tells its listeners: the shapes of its events.
import type { Reason } from "@heliograph/protocol";
import type {
  BroadcastedFrame,
  DataChangedFrame,
  MemberFrame,
  ModeratedFrame,
  RoomChangedFrame,
  SignalledFrame,
  WireGap,
} from "@heliograph/protocol/schema";

/** `joined`: heard now. `reconnecting`: what is said meanwhile will be told. `left`: over for good. */
export type RoomState = "joined" | "reconnecting" | "left";

/** Why a stay ended. `expired`: away for longer than the grace. `closed`: the client was closed or taken over. */
export type LeftWhy = "left" | "removed" | "banned" | "lost" | "expired" | "closed";

export type MemberEvent = MemberFrame;
/** Without `position`: volatile. */
export type SignalEvent = SignalledFrame;
/** Without `position`: volatile. */
export type BroadcastEvent = BroadcastedFrame;
/** Without `value`: removed. */
export type DataEvent = DataChangedFrame;
export type SettingsEvent = RoomChangedFrame;
export type ModeratedEvent = ModeratedFrame;

export interface RoomEvents {
  member: MemberEvent;
  signal: SignalEvent;
  broadcast: BroadcastEvent;
  data: DataEvent;
  settings: SettingsEvent;
  moderated: ModeratedEvent;
  /** Entries after `from` and up to `to` were missed; the room's maps hold their effect already. */
  gap: WireGap;
  /** The room is heard again. After `gap` its own event comes first. */
  resumed: { readonly verdict: "complete" | "gap" };
  left: { readonly why: LeftWhy; readonly reason?: Reason };
  state: RoomState;
}
