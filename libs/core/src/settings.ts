// Bounds and rhythms of a node. One frozen value, the same on every node of a deployment.
import type { Limits } from "@heliograph/protocol";

export interface NodeSettings {
  /** What clients are told in `welcome`. */
  readonly limits: Limits;
  /** Milliseconds that the log keeps an entry: 2.5 times the resume window. */
  readonly logLife: number;
  /** Milliseconds that a resume token serves. */
  readonly tokenLife: number;
  /** Commands a session may send per second, and how many at once after a silence. */
  readonly commandsPerSecond: number;
  readonly commandBurst: number;
  /** Refusals with `slow_down` in a row after which the socket is closed as `flood`. */
  readonly floodAfter: number;
  /** Bytes that may wait for the log per room; chat is refused at half of it, so that signals still pass. */
  readonly laneBytes: number;
  /** The same for all rooms of a node together: what counts when the log or the memory stands still. */
  readonly backlogBytes: number;
  /** Bytes of one append at most. */
  readonly bundleBytes: number;
  /** Bytes of recent entries kept per room for resumes; beyond it the log is read. */
  readonly ringBytes: number;
  /** Wrong PINs per session and room, and per address and room, within `guessWindow` milliseconds. */
  readonly guesses: number;
  readonly guessWindow: number;
  /** TURN credentials per user, and per address, within `iceWindow` milliseconds; those that are pushed do not count. */
  readonly icePerUser: number;
  readonly icePerAddress: number;
  readonly iceWindow: number;
  /** Milliseconds between two beats, and of silence after which a node counts as dead. */
  readonly beat: number;
  readonly silence: number;
  /** Milliseconds between two reports of digests. */
  readonly digestEvery: number;
  /** Milliseconds that a scribe waits at least and at most before it writes a copy. */
  readonly scribeAfter: readonly [number, number];
  /** Milliseconds that a command may wait for the log, and a client for a room to load, before `unavailable`. */
  readonly patience: number;
  /** Milliseconds that a volatile message waits for the replica to reach its position. */
  readonly whisperHold: number;
}

export const defaultSettings: NodeSettings = {
  limits: {
    frameBytes: 65_536,
    bodyBytes: 60_000,
    nameBytes: 256,
    roomsPerSession: 32,
    outstanding: 64,
    heartbeat: 25_000,
    grace: 30_000,
    window: 120_000,
  },
  logLife: 300_000,
  tokenLife: 86_400_000,
  commandsPerSecond: 500,
  commandBurst: 1_000,
  floodAfter: 500,
  laneBytes: 2_097_152,
  backlogBytes: 134_217_728,
  bundleBytes: 262_144,
  ringBytes: 1_048_576,
  guesses: 10,
  guessWindow: 60_000,
  icePerUser: 20,
  icePerAddress: 120,
  iceWindow: 600_000,
  beat: 2_000,
  silence: 6_000,
  digestEvery: 5_000,
  scribeAfter: [100, 1_000],
  patience: 10_000,
  whisperHold: 200,
};
