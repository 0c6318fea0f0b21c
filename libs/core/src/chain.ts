// Follows one room by its chain of predecessors: every stored bundle once, in order, whatever the live copies suffered.
import type { Position } from "@heliograph/protocol";
import type { Clock, Timer } from "./ports/clock.ts";
import type { Follower, ReadAnswer, Stored } from "./ports/log.ts";
import { entryBytes } from "./room/entry.ts";

/** A bundle as it came over a link: perhaps twice, late, before its predecessor, or from an earlier life of the stream. */
export interface LiveCopy extends Stored {
  /** Sequence of the room's bundle before it; 0: there was none, or it had aged out. */
  readonly previous: number;
}

/** Of the room's last bundle; undefined: the log has none. Rejections are tried again, whatever they are. */
export type TailReader = () => Promise<{ readonly seq: number; readonly time?: number } | undefined>;

/** As `Log.read` of the chain's room. Rejections are tried again with back-off, whatever they are. */
export type ChainReader = (after: Position | undefined, upTo: number) => Promise<ReadAnswer>;

export interface ChainLimits {
  /** Bytes of copies held back while a hole is being read; beyond, they are dropped and read again later. */
  readonly heldBytes: number;
  /** Milliseconds that a mentioned bundle is waited for before it is read. */
  readonly patience: number;
  /** Milliseconds between attempts of a read that failed: the first, and the most they double to. */
  readonly backOff: readonly [first: number, most: number];
  /** Milliseconds between two questions for the room's last bundle that were not answered. */
  readonly tailPause: number;
}

export const chainLimits: ChainLimits = { heldBytes: 1 << 20, patience: 50, backOff: [20, 1000], tailPause: 100 };

/**
 * Rests on what a log promises: within one life of the stream sequences rise, times never fall, and a copy names its
 * true predecessor. What contradicts that belongs to another life.
 */
export class Chain {
  readonly #follower: Follower;
  readonly #read: ChainReader;
  readonly #clock: Clock;
  readonly #limits: ChainLimits;
  #state: "waiting" | "following" | "over" = "waiting";
  /** The last bundle delivered or started after; sequence 0: none. */
  #seq = 0;
  #index = 0;
  #time = 0;
  /** By sequence, then time; empty whenever the chain follows and nothing is being read. */
  #held: LiveCopy[] = [];
  #heldBytes = 0;
  /** Said to be stored, by an acknowledgement, a digest, or a copy that was dropped for room. */
  #mentioned = 0;
  /** As `mentioned`, but by a copy whose time contradicts the chain: looked for, yet no loss if it is not there. */
  #doubtful = 0;
  /** Something came after the start: what is mentioned from now on may still come by itself. */
  #warm = false;
  /** The last bundle delivered is known to be of the life that copies come from. */
  #proven = true;
  #reading = false;
  #failures = 0;
  #timer: Timer | undefined;
  /** Counts the losses of the link: what was asked before one counts no more after it. */
  #links = 0;

  constructor(follower: Follower, read: ChainReader, clock: Clock, limits: ChainLimits = chainLimits) {
    this.#follower = follower;
    this.#read = read;
    this.#clock = clock;
    this.#limits = limits;
  }

  /**
   * Delivers what stands after the bundle of `after`; undefined: from a room's first bundle. Called once. This and
   * `mention` may tell the follower within the call.
   */
  start(after: Position | undefined): void {
    if (this.#state !== "waiting") return;
    this.#state = "following";
    if (after !== undefined) {
      this.#seq = after.seq;
      this.#index = after.index;
      this.#time = after.time;
      this.rejoined();
    }
    this.#drain();
  }

  take(copy: LiveCopy): void {
    if (this.#state === "following" && !this.#reading && this.#follows(copy)) {
      this.#deliver(copy);
      return;
    }
    if (this.#state === "over" || this.#isLate(copy.seq, copy.time)) return;
    this.#hold(copy);
    this.#drain();
  }

  /** Something stored is known: found by reading if its copy does not come by itself. */
  mention(seq: number, time?: number): void {
    if (this.#state === "over" || this.#isLate(seq, time ?? 0)) return;
    this.#mentioned = Math.max(this.#mentioned, seq);
    this.#drain();
  }

  /** The link was down for longer than the log keeps anything: with nothing delivered yet, a loss would not show. */
  outlived(): void {
    if (this.#state === "following" && this.#seq === 0) this.#break("lost");
  }

  /**
   * The link was down, or the place is somebody else's word: in another life of the stream the room may go on at the
   * very sequence where it stood. So the next copy is not trusted before the place has been read.
   */
  rejoined(): void {
    this.#proven = this.#seq === 0;
  }

  /** The link is lost. */
  parted(): void {
    this.#links += 1;
  }

  /** Asks, until it is answered, what the room's last bundle is: without it, a lost last one would not show. */
  async catchUp(tail: TailReader): Promise<void> {
    const links = this.#links;
    while (this.#state !== "over" && this.#links === links) {
      try {
        const last = await tail();
        if (last !== undefined) this.mention(last.seq, last.time);
        return;
      } catch {
        // Out of reach for now.
        await new Promise<void>((resolve) => this.#clock.after(this.#limits.tailPause, resolve));
      }
    }
  }

  /** Nothing is delivered after the call. */
  end(): void {
    this.#state = "over";
    this.#held = [];
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #follows(copy: LiveCopy): boolean {
    return this.#proven && copy.previous === this.#seq && copy.seq > this.#seq && copy.time >= this.#time;
  }

  /** Delivered already, by sequence. A later time at such a sequence is another life of the stream. */
  #isLate(seq: number, time: number): boolean {
    if (this.#state !== "following" || seq > this.#seq) return false;
    if (time > this.#time) this.#break("reborn");
    return true;
  }

  #deliver(bundle: Stored): void {
    this.#warm = true;
    this.#seq = bundle.seq;
    this.#index = bundle.entries.length - 1;
    this.#time = bundle.time;
    this.#follower.stored(bundle);
  }

  #hold(copy: LiveCopy): void {
    let at = this.#held.length;
    for (; at > 0; at -= 1) {
      const before = this.#held[at - 1];
      if (before === undefined || before.seq < copy.seq) break;
      if (before.seq === copy.seq && before.time === copy.time) return;
      if (before.seq === copy.seq && before.time < copy.time) break;
    }
    this.#held.splice(at, 0, copy);
    this.#heldBytes += copyBytes(copy);
    if (this.#heldBytes > this.#limits.heldBytes) {
      this.#mentioned = Math.max(this.#mentioned, this.#held.at(-1)?.seq ?? 0);
      this.#held = [];
      this.#heldBytes = 0;
    }
  }

  /** Delivers what can be, then reads what cannot, one read at a time. */
  #drain(): void {
    while (this.#state === "following" && !this.#reading) {
      const next = this.#held[0];
      if (next === undefined) {
        this.#awaitMentioned();
        return;
      }
      if (next.seq > this.#seq && next.time >= this.#time && !this.#follows(next)) {
        // Between two neighbours of one life nothing that was delivered can stand.
        if (next.previous !== 0 && next.previous < this.#seq) this.#break("reborn");
        // A predecessor of 0 after something was delivered: the reader knows whether it aged out or the log is new.
        else this.#fill(next.previous === 0 ? next.seq : next.previous, false);
        return;
      }
      this.#held.shift();
      this.#heldBytes -= copyBytes(next);
      if (this.#isLate(next.seq, next.time)) continue;
      if (this.#follows(next)) this.#deliver(next);
      else this.#doubtful = Math.max(this.#doubtful, next.seq);
    }
  }

  #awaitMentioned(): void {
    if (Math.max(this.#mentioned, this.#doubtful) <= this.#seq || this.#timer !== undefined) return;
    if (!this.#warm && this.#mentioned > this.#seq) {
      // A room being loaded: what was stored before the follow never comes by itself.
      this.#fill(this.#mentioned, false);
      return;
    }
    this.#timer = this.#clock.after(this.#limits.patience, () => {
      this.#timer = undefined;
      if (this.#reading) return;
      if (this.#mentioned > this.#seq) this.#fill(this.#mentioned, false);
      else if (this.#doubtful > this.#seq) this.#fill(this.#doubtful, true);
    });
  }

  #fill(upTo: number, doubtful: boolean): void {
    this.#reading = true;
    const after = this.#seq === 0 ? undefined : { seq: this.#seq, index: this.#index, time: this.#time };
    this.#read(after, upTo).then(
      (answer) => this.#filled(answer, upTo, doubtful),
      () => this.#failed(),
    );
  }

  #filled(answer: ReadAnswer, upTo: number, doubtful: boolean): void {
    if (this.#state !== "following") return;
    this.#failures = 0;
    // A read of an earlier life says so, and what has aged out is no evidence against the place.
    this.#proven = true;
    if (answer.whole) {
      for (const bundle of answer.bundles) {
        if (bundle.seq > this.#seq) this.#deliver(bundle);
        if (this.#ended()) return;
      }
    } else if (answer.why === "log_restarted") {
      this.#break("reborn");
      return;
    }
    // What a sound copy or an acknowledgement named is not there: that is a loss, even if nothing else is missing.
    if (upTo > this.#seq && !doubtful) {
      this.#break("lost");
      return;
    }
    if (this.#doubtful <= upTo) this.#doubtful = 0;
    this.#reading = false;
    this.#drain();
  }

  /** A follower may end its follow while it is being told. */
  #ended(): boolean {
    return this.#state === "over";
  }

  #failed(): void {
    if (this.#state !== "following") return;
    const [first, most] = this.#limits.backOff;
    const pause = Math.min(first * 2 ** Math.min(this.#failures, 16), most);
    this.#failures += 1;
    this.#timer?.cancel();
    this.#timer = this.#clock.after(pause, () => {
      this.#timer = undefined;
      this.#reading = false;
      this.#drain();
    });
  }

  #break(why: "lost" | "reborn"): void {
    this.end();
    this.#follower.broken(why);
  }
}

function copyBytes(copy: LiveCopy): number {
  let bytes = 64;
  for (const entry of copy.entries) bytes += entryBytes(entry);
  return bytes;
}
