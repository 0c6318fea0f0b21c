// How far a room was heard: drops what comes twice, and says from where a resume must start.
import type { Position } from "@heliograph/protocol";
import { comparePositions, parsePosition } from "@heliograph/protocol";
import type { Place } from "./stored-session.ts";

/** What a source of frames is known by: connections, of which the later ones have the higher attempt. */
interface Source {
  readonly attempt: number;
}

/** More frames than any entry has: the entry at this position is known whole. */
const whole = Number.MAX_SAFE_INTEGER;

/**
 * One entry may come as several frames with one position (a member leaves and its values go). So an entry is known by
 * its position *and* how many of its frames were delivered, and a resume starts at the last entry that is surely whole:
 * it may repeat frames of the newest one, which are counted and dropped.
 */
export class Progress {
  #resume: string | undefined;
  #newest: Position | undefined;
  #newestText = "";
  #frames = 0;
  #bornAt = 0;
  /** Per connection: the entry it is delivering, and how many frames of it have come. */
  readonly #sources = new WeakMap<Source, { text: string; frames: number }>();

  constructor(kept?: Place) {
    if (kept === undefined) return;
    const newest = parsePosition(kept.newest);
    if (!newest.ok) return;
    this.#resume = kept.position;
    this.#newest = newest.value;
    this.#newestText = kept.newest;
    this.#frames = kept.frames;
  }

  /** Undefined until anything is known of the room. */
  get resumeFrom(): string | undefined {
    return this.#resume;
  }

  get place(): Omit<Place, "mark"> | undefined {
    return this.#resume === undefined
      ? undefined
      : { position: this.#resume, newest: this.#newestText, frames: this.#frames };
  }

  /** Whether a frame is to be delivered; asked once for each frame that has a position, in the order of arrival. */
  admit(source: Source, text: string): boolean {
    if (source.attempt < this.#bornAt) return false;
    const position = parsePosition(text);
    // A server with positions of another shape: nothing can be compared, and losing would be worse than doubling.
    if (!position.ok) return true;
    const known = this.#sources.get(source);
    const frames = known?.text === text ? known.frames + 1 : 1;
    this.#sources.set(source, { text, frames });
    const order = this.#newest === undefined ? 1 : comparePositions(position.value, this.#newest);
    if (order < 0 || (order === 0 && frames <= this.#frames)) return false;
    if (order > 0) {
      // What stands before an entry is complete once the entry itself has come.
      if (this.#newestText !== "") this.#resume = later(this.#resume, this.#newestText);
      this.#newest = position.value;
      this.#newestText = text;
    }
    this.#frames = frames;
    return true;
  }

  /** Whether a frame that repeats the position of another is out of date: one that only says how things stand now. */
  behind(source: Source, text: string): boolean {
    const position = parsePosition(text);
    if (source.attempt < this.#bornAt) return true;
    return position.ok && this.#newest !== undefined && comparePositions(position.value, this.#newest) < 0;
  }

  /** Whether an entry at `text` stands above what is known. */
  above(text: string): boolean {
    const position = parsePosition(text);
    return !position.ok || this.#newest === undefined || comparePositions(position.value, this.#newest) > 0;
  }

  /** Everything up to `text` is known, by a view or by the server's word. */
  adopt(text: string): void {
    const position = parsePosition(text);
    if (position.ok && this.#newest !== undefined && comparePositions(position.value, this.#newest) < 0) return;
    this.#set(text);
  }

  /** Only the resume may start here; for answers, which say nothing about frames that are still on their way. */
  resumeAt(text: string): void {
    this.#resume = later(this.#resume, text);
    if (this.#newestText === "") this.#set(text);
  }

  /** The log was lost and begun anew: earlier positions mean nothing, and connections before this one know only them. */
  restart(source: Source, text: string): void {
    this.#bornAt = source.attempt;
    this.#set(text);
  }

  #set(text: string): void {
    const position = parsePosition(text);
    this.#resume = text;
    this.#newest = position.ok ? position.value : undefined;
    this.#newestText = text;
    this.#frames = whole;
  }
}

function later(a: string | undefined, b: string): string {
  if (a === undefined) return b;
  const [left, right] = [parsePosition(a), parsePosition(b)];
  return left.ok && right.ok && comparePositions(left.value, right.value) >= 0 ? a : b;
}

/** Whether `a` stands after `b`; positions that cannot be compared do. */
export function isAfter(a: string, b: string): boolean {
  const [left, right] = [parsePosition(a), parsePosition(b)];
  return !left.ok || !right.ok || comparePositions(left.value, right.value) > 0;
}
