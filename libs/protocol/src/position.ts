// A place in a room's log, opaque to clients.
import type { Outcome } from "./outcome.ts";
import { accepted, refused } from "./outcome.ts";

export interface Position {
  /** Sequence of the stream that carries the room, from 1. */
  readonly seq: number;
  /** Place of the entry in its bundle, from 0. */
  readonly index: number;
  /** Milliseconds since 1970, given by the log. Tells a reborn stream from its predecessor. */
  readonly time: number;
}

/** Negative when `a` stands before `b` in the same stream; the time does not order, it identifies. */
export function comparePositions(a: Position, b: Position): number {
  return a.seq - b.seq || a.index - b.index;
}

export function formatPosition(position: Position): string {
  if (position !== written.position) {
    // Many entries share a millisecond, and a number beyond 32 bits is slow to write (0.15 us of 0.2, measured).
    if (position.time !== written.time) {
      written.time = position.time;
      written.timeText = position.time.toString(36);
    }
    written.position = position;
    written.text = `${position.seq.toString(36)}.${position.index.toString(36)}.${written.timeText}`;
  }
  return written.text;
}

/** What was written last: an entry and the answer to it bear the same position. */
const written = { position: undefined as Position | undefined, text: "", time: 0, timeText: "0" };

const shape = /^([0-9a-z]{1,11})\.([0-9a-z]{1,7})\.([0-9a-z]{1,11})$/;

/** The only door by which a client's string becomes a position. A well-formed forgery is judged by whoever resumes. */
export function parsePosition(raw: unknown): Outcome<Position> {
  const parts = typeof raw === "string" ? shape.exec(raw) : null;
  if (parts === null) return refused("malformed", "position");
  const [seq, index, time] = [parts[1], parts[2], parts[3]].map((part) => Number.parseInt(part ?? "", 36));
  if (!Number.isSafeInteger(seq) || !Number.isSafeInteger(index) || !Number.isSafeInteger(time)) {
    return refused("malformed", "position");
  }
  return accepted({ seq: seq ?? 0, index: index ?? 0, time: time ?? 0 });
}
