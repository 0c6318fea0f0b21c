// Which entries of the log did something that others heard: what tells a returning member whether it missed anything.
import type { Position } from "@heliograph/protocol";
import { comparePositions } from "@heliograph/protocol";
import type { AdoptionCopy } from "./copy.ts";
import { compareInTime, Positions } from "./positions.ts";

/** What can be told to a member that saw everything up to a position. */
export type Recall = "complete" | "too_old" | "log_restarted" | "unknown_position" | "in_doubt";

const remembered = 64;

export class EffectMemory {
  readonly #effects: Positions;
  /** Of the log's life only; exists while there are any. */
  #idle: Positions | undefined;
  readonly #adopted: AdoptionCopy | null;

  constructor(effects: readonly Position[], idle: readonly Position[], adopted: AdoptionCopy | null) {
    this.#effects = new Positions(effects);
    this.#idle = idle.length === 0 ? undefined : new Positions(idle);
    this.#adopted = adopted;
  }

  get adopted(): AdoptionCopy | null {
    return this.#adopted;
  }

  heard(at: Position): void {
    this.#effects.push(at);
    if (this.#effects.size > remembered) this.#effects.dropFirst();
  }

  unheard(at: Position): void {
    this.#idle ??= new Positions();
    this.#idle.push(at);
  }

  effects(): Position[] {
    return this.#effects.toCopy();
  }

  effectSince(position: Position): boolean {
    const last = this.#effects.at(this.#effects.size - 1);
    return last !== undefined && comparePositions(last, position) > 0;
  }

  forgetBefore(time: number): void {
    if (this.#idle === undefined) return;
    this.#idle.dropBefore(time);
    if (this.#idle.size === 0) this.#idle = undefined;
  }

  /**
   * Did others hear of the entry? For entries of the log that the state has behind it. What stood before an adoption is
   * in doubt and counts as unheard; so does what outlived the log's life, unless it is one of the 64.
   */
  hadEffect(position: Position, now: Position, logLife: number): boolean {
    if (compareInTime(position, now) > 0 || this.#isBeforeAdoption(position)) return false;
    if (position.time < now.time - logLife) return this.#effects.has(position);
    return !(this.#idle?.has(position) ?? false);
  }

  recall(position: Position, now: Position, logLife: number): Recall {
    if (!isPlace(position)) return "unknown_position";
    if (this.#adopted?.reborn === true && position.time < this.#adopted.at.time) return "log_restarted";
    if (this.#isBeforeAdoption(position) && comparePositions(position, now) <= 0) return "in_doubt";
    // A place ahead of now, yet earlier in time, was given by a log that is gone.
    if (comparePositions(position, now) > 0) return position.time < now.time ? "log_restarted" : "unknown_position";
    const first = this.#effects.at(0);
    if (first !== undefined && comparePositions(position, first) < 0) {
      return position.seq === first.seq && position.time !== first.time ? "unknown_position" : "too_old";
    }
    return this.#fits(position, now, logLife) ? "complete" : "unknown_position";
  }

  /** No two entries share a place, so a place that is known must have the known time, and times rise with places. */
  #fits(position: Position, now: Position, logLife: number): boolean {
    if (position.time > now.time) return false;
    // Every entry of the log's life is in one of the two lists: a place in neither was never given to anybody.
    if (position.time >= now.time - logLife) {
      return this.#effects.has(position) || (this.#idle?.has(position) ?? false);
    }
    const before = this.#effects.at(this.#effects.countUpTo(position) - 1);
    const after = this.#effects.at(this.#effects.countUpTo(position));
    return isConsistent(before, position) && isConsistent(position, after);
  }

  #isBeforeAdoption(position: Position): boolean {
    return this.#adopted !== null && compareInTime(position, this.#adopted.at) < 0;
  }

  toCopy(): { effects: Position[]; idle: Position[]; adopted: AdoptionCopy | null } {
    return { effects: this.effects(), idle: this.#idle?.toCopy() ?? [], adopted: this.#adopted };
  }
}

function isPlace({ seq, index, time }: Position): boolean {
  return (
    Number.isSafeInteger(seq) && Number.isSafeInteger(index) && Number.isSafeInteger(time) && seq >= 1 && index >= 0
  );
}

/** Entries of one bundle share its time; later bundles have the same or a later one. */
function isConsistent(a: Position | undefined, b: Position | undefined): boolean {
  if (a === undefined || b === undefined) return true;
  if (a.seq === b.seq) return a.time === b.time;
  return a.seq < b.seq;
}
