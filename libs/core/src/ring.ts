// A room's recent past in memory, from which resumes are served without reading the log.
import type { Position } from "@heliograph/protocol";
import { comparePositions } from "@heliograph/protocol";
import type { Told } from "./told.ts";

/** Bytes of a block that bodies share: of the first, and of the largest. */
const firstBlock = 512;
const largestBlock = 32_768;
/** A larger body has an array of its own, or the rest of a block would be wasted too often. */
const mostShared = 4_096;
/**
 * What the doors copy bodies into (Node's pool of buffers) is shared by bodies of one time, which go at one time: a body in it
 * is left where it is. What a socket reads in one piece is larger.
 */
const smallBlock = 8_192;
const nothing = new Uint8Array(0);

export class Ring {
  readonly #maxBytes: number;
  readonly #window: number;
  #kept: Told[] = [];
  #head = 0;
  #bytes = 0;
  #since: Position;
  /** Where bodies are copied to, one behind the other; they go in the order in which they came. */
  #block = nothing;
  #used = 0;

  /** `since`: everything after it will be pushed. `window`: milliseconds of log time. */
  constructor(since: Position, maxBytes: number, window: number) {
    this.#since = since;
    this.#maxBytes = maxBytes;
    this.#window = window;
  }

  /** Everything told after this position is here. */
  get since(): Position {
    return this.#since;
  }

  push(told: Told): void {
    this.#kept.push(this.#owned(told));
    this.#bytes += told.bytes;
    this.prune(told.position.time);
  }

  /** Forgets what is older than the window or beyond the byte cap. */
  prune(now: number): void {
    let oldest = this.#kept[this.#head];
    while (oldest !== undefined && (this.#bytes > this.#maxBytes || oldest.position.time < now - this.#window)) {
      this.#since = oldest.position;
      this.#bytes -= oldest.bytes;
      this.#head += 1;
      oldest = this.#kept[this.#head];
    }
    if (this.#head > 64 && this.#head * 2 > this.#kept.length) {
      this.#kept = this.#kept.slice(this.#head);
      this.#head = 0;
    } else if (this.#head === this.#kept.length && this.#head > 0) {
      this.#kept = [];
      this.#head = 0;
    }
  }

  covers(position: Position): boolean {
    return comparePositions(position, this.#since) >= 0;
  }

  /** What was told after the position, oldest first. */
  *after(position: Position): Generator<Told> {
    for (let i = this.#firstAfter(position); i < this.#kept.length; i += 1) {
      const told = this.#kept[i];
      if (told !== undefined) yield told;
    }
  }

  /**
   * A body that came over the wire is a view into what the socket read with it: kept as it is, it would keep that alive
   * for the whole window (measured, bodies of 300 bytes: 2.4 times as much where everything read is kept, 150 times where
   * it is every 64th message, 1.01 when copied).
   */
  #owned(told: Told): Told {
    const { event } = told;
    if (event === undefined || (event.type !== "signal" && event.type !== "broadcast")) return told;
    const { codec, bytes } = event.body;
    if (bytes.length === bytes.buffer.byteLength || bytes.buffer.byteLength <= smallBlock) return told;
    return { ...told, event: { ...event, body: { codec, bytes: this.#copied(bytes) } } };
  }

  /** An array of its own for each body costs 0.9 us and doubles the collector's work, a view 0.1 us (measured). */
  #copied(bytes: Uint8Array): Uint8Array {
    const { length } = bytes;
    if (length > mostShared) return new Uint8Array(bytes);
    if (this.#used + length > this.#block.length) {
      // Small at first: most rooms are quiet, and a body keeps its block.
      this.#block = new Uint8Array(Math.min(Math.max(this.#block.length * 2, firstBlock, length), largestBlock));
      this.#used = 0;
    }
    const copy = this.#block.subarray(this.#used, this.#used + length);
    copy.set(bytes);
    this.#used += length;
    return copy;
  }

  #firstAfter(position: Position): number {
    let low = this.#head;
    let high = this.#kept.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const told = this.#kept[middle];
      if (told !== undefined && comparePositions(told.position, position) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
