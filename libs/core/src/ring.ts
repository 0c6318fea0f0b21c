// A room's recent past in memory, from which resumes are served without reading the log.
import type { Position, RoomName } from "@heliograph/protocol";
import { comparePositions } from "@heliograph/protocol";
import { isSaid, packedBytes, SaidBlock, type ToldSaid } from "./said-block.ts";
import type { Told } from "./told.ts";

/** Bytes of the first block, and of the largest: small at first, since most rooms are quiet. */
const firstBlock = 512;
const largestBlock = 32_768;
/** What takes more has a block of its own, or the rest of one would be wasted too often. */
const mostShared = 4_096;

/**
 * What is said is packed. Kept as objects, each message lived on until the ring let go of it, and carrying them from one
 * generation of the heap to the next was a tenth of what a message costs (measured). A block that has emptied is filled
 * again: new ones, which only a full collection ends, made an edge collect everything every 1.6 s at 9,000 messages a second.
 */
export class Ring {
  readonly #room: RoomName;
  readonly #maxBytes: number;
  readonly #window: number;
  #kept: (Told | SaidBlock)[] = [];
  #head = 0;
  #bytes = 0;
  #since: Position;
  #blockBytes = firstBlock;
  /** Emptied, and waiting to be filled again. */
  #spare: SaidBlock | undefined;

  /** `since`: everything after it will be pushed. `window`: milliseconds of log time. */
  constructor(room: RoomName, since: Position, maxBytes: number, window: number) {
    this.#room = room;
    this.#since = since;
    this.#maxBytes = maxBytes;
    this.#window = window;
  }

  /** Everything told after this position is here. */
  get since(): Position {
    return this.#since;
  }

  /** Bodies are copied: they are views into what a socket read with them, which they would keep alive for the whole window. */
  push(told: Told): void {
    if (isSaid(told)) this.#pack(told);
    else this.#kept.push(told);
    this.#bytes += told.bytes;
    this.prune(told.position.time);
  }

  #pack(told: ToldSaid): void {
    const last = this.#kept.length > this.#head ? this.#kept.at(-1) : undefined;
    if (last instanceof SaidBlock && last.add(told)) return;
    const bytes = packedBytes(told);
    if (bytes <= mostShared) {
      // Never more than an eighth of the cap, so that one that is nearly empty and a spare one are little beside it.
      const most = Math.max(firstBlock, Math.min(largestBlock, this.#maxBytes / 8));
      if (last instanceof SaidBlock) this.#blockBytes = Math.min(this.#blockBytes * 2, most);
    }
    const block = this.#blockOf(bytes > mostShared ? bytes : Math.max(bytes, this.#blockBytes));
    block.add(told);
    this.#kept.push(block);
  }

  #blockOf(bytes: number): SaidBlock {
    const spare = this.#spare;
    if (spare?.capacity !== bytes) return new SaidBlock(bytes);
    this.#spare = undefined;
    spare.reuse();
    return spare;
  }

  /** Forgets what is older than the window or beyond the byte cap. */
  prune(now: number): void {
    for (;;) {
      const oldest = this.#kept[this.#head];
      if (oldest === undefined) break;
      const isBlock = oldest instanceof SaidBlock;
      const time = isBlock ? oldest.oldestTime : oldest.position.time;
      if (this.#bytes <= this.#maxBytes && time >= now - this.#window) break;
      this.#bytes -= isBlock ? oldest.oldestWeight : oldest.bytes;
      this.#since = isBlock ? oldest.oldestPosition : oldest.position;
      if (isBlock) oldest.dropOldest();
      if (isBlock && !oldest.empty) continue;
      if (isBlock) this.#spare = oldest;
      this.#head += 1;
    }
    if (this.#head === this.#kept.length && this.#head > 0) {
      this.#kept = [];
      this.#head = 0;
      this.#blockBytes = firstBlock;
      this.#spare = undefined;
    } else if (this.#head > 64 && this.#head * 2 > this.#kept.length) {
      this.#kept = this.#kept.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Bytes of its blocks, filled or not: what the memory of a room that talks costs. */
  get reserved(): number {
    const blocks = this.#kept.slice(this.#head).filter((piece) => piece instanceof SaidBlock);
    return blocks.reduce((sum, { capacity }) => sum + capacity, this.#spare?.capacity ?? 0);
  }

  covers(position: Position): boolean {
    return comparePositions(position, this.#since) >= 0;
  }

  /** What was told after the position, oldest first. To be read at once: before anything else is pushed. */
  *after(position: Position): Generator<Told> {
    for (let i = this.#firstFor(position); i < this.#kept.length; i += 1) {
      const piece = this.#kept[i];
      if (piece === undefined) return;
      for (const told of piece instanceof SaidBlock ? piece.told(this.#room) : [piece]) {
        if (comparePositions(told.position, position) > 0) yield told;
      }
    }
  }

  /** The last piece that does not begin after the position: what follows may be in it, and is in no earlier one. */
  #firstFor(position: Position): number {
    let low = this.#head;
    let high = this.#kept.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const piece = this.#kept[middle];
      const first = piece instanceof SaidBlock ? piece.oldestPosition : piece?.position;
      if (first !== undefined && comparePositions(first, position) <= 0) low = middle + 1;
      else high = middle;
    }
    return Math.max(this.#head, low - 1);
  }
}
