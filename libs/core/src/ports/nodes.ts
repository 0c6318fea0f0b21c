// What edge nodes and keepers tell each other besides the log. Everything may be lost; every question ends in bounded time.
import type { NodeId, RoomKey } from "@heliograph/protocol";
import type { RoomCopy } from "../room/copy.ts";

/** Said every 2 s by every node. Silent for 6 s: its members are proposed `away`. */
export interface Beat {
  readonly node: NodeId;
  /** Highest rules version that the node can apply. */
  readonly rules: number;
}

/** The state of a room at a sequence, as one word. Compared only at equal sequence and time. */
export interface RoomDigest {
  readonly room: RoomKey;
  readonly seq: number;
  /** That the log gave to the sequence: tells a log that began again from the one before. */
  readonly time: number;
  readonly digest: string;
}

export interface DigestReport {
  readonly node: NodeId;
  readonly digests: readonly RoomDigest[];
}

/** A provider of TURN has another set in the shared memory. The bus never carries the set itself. */
export interface IceHint {
  /** Its name in the configuration. */
  readonly provider: string;
  readonly generation: number;
}

/** What a door of one node counts; all from 0, and whole. */
export interface NodeNumbers {
  readonly node: NodeId;
  readonly rooms: number;
  readonly sessions: number;
  readonly users: number;
  /** Connections, room chats and private chats since the node began. */
  readonly accepted: number;
  readonly roomChats: number;
  readonly privateChats: number;
}

/**
 * Promise: what is said reaches every other process once or not at all, its sender included or not. `ask` answers at
 * once when no other process hosts the room (undefined) and never later than its bound (undefined); it rejects with
 * `Unreachable` when nobody could be asked.
 */
export interface Nodes {
  beat(beat: Beat): void;
  onBeat(hear: (beat: Beat) => void): () => void;
  sayDigests(report: DigestReport): void;
  onDigests(hear: (report: DigestReport) => void): () => void;
  /** Only keepers say it. */
  sayIceSet(hint: IceHint): void;
  onIceSet(hear: (hint: IceHint) => void): () => void;
  /** Only edges say it, and only where somebody may read it. */
  sayNumbers(numbers: NodeNumbers): void;
  onNumbers(hear: (numbers: NodeNumbers) => void): () => void;
  ask(room: RoomKey): Promise<RoomCopy | undefined>;
  /** This process hosts the room from now on and answers for it; `undefined` from `answer`: not loaded yet. */
  host(room: RoomKey, answer: () => RoomCopy | undefined): () => void;
}
