// What a node's link may be told to do wrong. A seed for the link's Random replays it.

/** Inclusive bounds in milliseconds. */
export type Range = readonly [least: number, most: number];

/** Chances lie between 0 and 1, times are milliseconds. */
export interface Misbehaviour {
  /** Chance that a live copy, a whisper, a beat, a digest or an answer of a host is lost. */
  readonly drop: number;
  /** Chance that a live copy comes twice. */
  readonly double: number;
  /** How long everything on the link takes, each way. */
  readonly delay: Range;
  /** Chance that a live copy takes its time by itself, so that later ones may overtake it. */
  readonly reorder: number;
  /** Chance that an append is stored and its acknowledgement lost; it is tried again and stands twice. */
  readonly ackLoss: number;
  /** Chance that an append is stored twice at once. */
  readonly appendTwice: number;
  /** How far the replica that answers a direct get may lag behind the stream. */
  readonly readLag: Range;
  /** Chance that a read fails as `Unreachable`. */
  readonly readFail: number;
  /** How long the stream's leader takes to learn of a follow; what it stores before is not copied to it. */
  readonly proveLag: Range;
}

export const wellBehaved: Misbehaviour = {
  drop: 0,
  double: 0,
  delay: [0, 0],
  reorder: 0,
  ackLoss: 0,
  appendTwice: 0,
  readLag: [0, 0],
  readFail: 0,
  proveLag: [0, 0],
};

/** Everything at once, often enough that a short conversation meets all of it. */
export const hostile: Misbehaviour = {
  drop: 0.15,
  double: 0.15,
  delay: [0, 30],
  reorder: 0.25,
  ackLoss: 0.1,
  appendTwice: 0.1,
  readLag: [0, 200],
  readFail: 0.2,
  proveLag: [0, 60],
};
