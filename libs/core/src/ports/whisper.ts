// Carries volatile messages between the hosts of a room: at most once, in order per sender, not stored.
import type { Body, Epoch, MemberId, Position, RoomKey } from "@heliograph/protocol";

export interface WhisperMessage {
  readonly from: MemberId;
  readonly epoch: Epoch;
  /** Absent: to all members. */
  readonly to?: MemberId;
  readonly body: Body;
  /** How far the sender's node had applied the room: nobody hears a whisper before the `joined` of its sender. */
  readonly asOf: Position;
}

/** `here`: the addressee is on the sender's own node, and nobody else has a use for it. */
export type WhisperReach = "everywhere" | "here";

/**
 * Promise: a whisper reaches every follower of the room, the sender's own node included, at most once; those of one
 * sender in order, whatever their reach. One that is meant for `here` may spare the network, and need not.
 * A whisper may be lost at any time without notice. Nothing rejects.
 */
export interface Whisper {
  send(room: RoomKey, message: WhisperMessage, reach: WhisperReach): void;
  follow(room: RoomKey, hear: (message: WhisperMessage) => void): () => void;
}
