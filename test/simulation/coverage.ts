// What one client was promised to hear of one room: from where to where, without what it was told that it missed.
import type { MemberId, Position, RoomName } from "@heliograph/protocol";
import type { Fact, Line } from "./journal.ts";
import { order } from "./journal.ts";

export interface Heard {
  readonly fact: Fact;
  readonly position: Position;
  readonly attempt: number;
  readonly at: number;
}

/** After `from`, up to and including `to`. */
export interface Span {
  readonly from: Position;
  readonly to: Position;
}

/** One stay, as its client saw it. */
export interface Coverage {
  readonly who: MemberId;
  readonly room: RoomName;
  readonly lines: readonly Line[];
  readonly heard: readonly Heard[];
  /** Where it begins: everything after it is to be heard. */
  readonly from: Position;
  /** Where it ends; undefined: the client stays to the end of the conversation. */
  readonly to: Position | undefined;
  /** Reported as missed. */
  readonly gaps: readonly Span[];
  /** Told by a view: what was said in them is to be heard, what changed need not be told. */
  readonly viewed: readonly Span[];
  /** Of these, what follows a join: what was said before its answer, perhaps by someone who has left again. */
  readonly caughtUp: readonly Span[];
}

/** The stays of everyone, in the order in which they began. */
export function coverages(journal: readonly Line[]): Coverage[] {
  const open = new Map<string, Line[]>();
  const found: Coverage[] = [];
  const close = (key: string): void => {
    const coverage = coverageOf(open.get(key) ?? []);
    if (coverage !== undefined) found.push(coverage);
    open.delete(key);
  };
  for (const line of journal) {
    const key = `${line.who} ${line.room}`;
    const lines = open.get(key) ?? [];
    lines.push(line);
    open.set(key, lines);
    if (line.what === "ended" || line.what === "stays") close(key);
  }
  for (const key of [...open.keys()]) close(key);
  return found;
}

function coverageOf(lines: readonly Line[]): Coverage | undefined {
  const first = lines.find((line) => line.what === "joined");
  if (first?.what !== "joined") return undefined;
  const heard: Heard[] = [];
  const gaps: Span[] = [];
  const viewed: Span[] = [];
  const caughtUp: Span[] = [];
  let known = first.position;
  let stays = false;
  for (const line of lines) {
    switch (line.what) {
      case "heard":
        heard.push(line);
        known = later(known, line.position);
        break;
      case "as of":
        known = later(known, line.position);
        break;
      case "answered":
        if (line.outcome === "applied") known = later(known, line.by);
        break;
      case "joined":
        // A repeated join, the node's own too, is answered with the view of now and the position of the first: what was said follows.
        caughtUp.push({ from: line.position, to: endOf(line.at) });
        break;
      case "resumed":
        if (line.shown !== undefined) viewed.push({ from: line.from, to: line.position });
        known = later(known, line.position);
        break;
      case "gap":
        gaps.push({ from: line.gap.from, to: line.position });
        known = later(known, line.position);
        break;
      case "stays":
        stays = true;
        break;
      default:
        break;
    }
  }
  const [{ who, room }] = [first];
  return {
    who,
    room,
    lines,
    heard,
    from: first.position,
    to: stays ? undefined : known,
    gaps,
    viewed: [...viewed, ...caughtUp],
    caughtUp,
  };
}

/** Whether the client was to hear what stands at the position, if it was among those addressed. */
export function covers(coverage: Coverage, position: Position): boolean {
  if (order(position, coverage.from) <= 0) return false;
  if (coverage.to !== undefined && order(position, coverage.to) > 0) return false;
  return !within(coverage.gaps, position);
}

export function within(spans: readonly Span[], position: Position): boolean {
  return spans.some(({ from, to }) => order(position, from) > 0 && order(position, to) <= 0);
}

/** Behind everything that the log had stored by then. */
function endOf(time: number): Position {
  return { seq: Number.MAX_SAFE_INTEGER, index: 0, time };
}

function later(a: Position, b: Position): Position {
  return order(a, b) >= 0 ? a : b;
}
