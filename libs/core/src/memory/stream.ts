// The one stream behind every MemoryLog: sequences, time stamps, retention, and live copies to whoever follows.
import type { RoomKey } from "@heliograph/protocol";
import type { LiveCopy } from "../chain.ts";
import type { Clock, Timer } from "../ports/clock.ts";
import type { Entry } from "../room/entry.ts";
import { entryBytes } from "../room/entry.ts";

/** A stored bundle. It is its own live copy, passed by reference: nothing on the way may change it. */
export interface Kept extends LiveCopy {
  readonly room: RoomKey;
  readonly bytes: number;
}

export interface StreamFollower {
  take(copy: Kept): void;
}

export interface Retention {
  /** Milliseconds that a bundle is kept: 2.5 times the resume window. */
  readonly maxAge: number;
  readonly maxBytes: number;
}

export const retention: Retention = { maxAge: 300_000, maxBytes: 256 << 20 };

/** A queue that drops from its front without moving the rest each time. */
class Shelf {
  #kept: Kept[] = [];
  #head = 0;

  get length(): number {
    return this.#kept.length - this.#head;
  }

  at(index: number): Kept | undefined {
    return index < 0 ? undefined : this.#kept[this.#head + index];
  }

  get last(): Kept | undefined {
    return this.length === 0 ? undefined : this.#kept[this.#kept.length - 1];
  }

  push(kept: Kept): void {
    this.#kept.push(kept);
  }

  shift(): void {
    this.#head += 1;
    if (this.#head > 64 && this.#head * 2 > this.#kept.length) {
      this.#kept = this.#kept.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Index of the first bundle whose sequence is above `seq`. */
  above(seq: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.at(middle)?.seq ?? 0) <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

interface Track {
  readonly kept: Shelf;
  /** Replaced, never changed: a follower may come or go while copies go out. */
  followers: readonly StreamFollower[];
}

/**
 * `store` returns at once; the live copies go out in a microtask, after everything that the same task stored, and so
 * before an awaited acknowledgement of the same append goes on. Neither waits for another turn of the loop.
 */
export class MemoryStream {
  readonly #clock: Clock;
  readonly #retention: Retention;
  #tracks = new Map<RoomKey, Track>();
  #all = new Shelf();
  #bytes = 0;
  #lastSeq = 0;
  #lastTime = 0;
  #fresh: Kept[] = [];
  #sweep: Timer | undefined;
  readonly #fanOut = (): void => this.#sendFresh();

  constructor(clock: Clock, limits: Retention = retention) {
    this.#clock = clock;
    this.#retention = limits;
  }

  get maxAge(): number {
    return this.#retention.maxAge;
  }

  /** Sequence and time of what was stored last in this life of the stream, whether or not it is still there. */
  get last(): { readonly seq: number; readonly time: number } {
    return { seq: this.#lastSeq, time: this.#lastTime };
  }

  store(room: RoomKey, entries: readonly Entry[]): Kept {
    const now = this.#clock.now();
    const time = Math.max(this.#lastTime, now);
    this.#lastTime = time;
    this.#lastSeq += 1;
    let bytes = 64;
    for (const entry of entries) bytes += entryBytes(entry);
    this.#bytes += bytes;
    this.#expire(now);
    const track = this.#trackOf(room);
    const kept: Kept = { seq: this.#lastSeq, previous: track.kept.last?.seq ?? 0, time, entries, room, bytes };
    track.kept.push(kept);
    this.#all.push(kept);
    if (track.followers.length > 0 && this.#fresh.push(kept) === 1) void Promise.resolve().then(this.#fanOut);
    // What nobody asks for any more must go too.
    this.#sweep ??= this.#clock.after(this.#retention.maxAge, () => this.#sweepOld());
    return kept;
  }

  /** Stores it as the room's first bundle, or gives the one that is. */
  open(room: RoomKey, entries: readonly Entry[]): Kept {
    return this.firstOf(room) ?? this.store(room, entries);
  }

  /** Live copies of what is stored from now on. */
  follow(room: RoomKey, follower: StreamFollower): void {
    const track = this.#trackOf(room);
    track.followers = [...track.followers, follower];
  }

  unfollow(room: RoomKey, follower: StreamFollower): void {
    const track = this.#tracks.get(room);
    if (track === undefined) return;
    track.followers = track.followers.filter((other) => other !== follower);
    this.#dropIdle(room, track);
  }

  /** The room's bundles above `after`, up to and including `upTo`, in order. */
  between(room: RoomKey, after: number, upTo: number): readonly Kept[] {
    this.#expire();
    const kept = this.#tracks.get(room)?.kept;
    const found: Kept[] = [];
    for (let index = kept?.above(after) ?? 0; ; index += 1) {
      const bundle = kept?.at(index);
      if (bundle === undefined || bundle.seq > upTo) return found;
      found.push(bundle);
    }
  }

  /** Whatever stands at a sequence, of any room. */
  at(seq: number): Kept | undefined {
    this.#expire();
    const oldest = this.#all.at(0);
    return oldest === undefined ? undefined : this.#all.at(seq - oldest.seq);
  }

  oldest(): Kept | undefined {
    this.#expire();
    return this.#all.at(0);
  }

  firstOf(room: RoomKey): Kept | undefined {
    this.#expire();
    return this.#tracks.get(room)?.kept.at(0);
  }

  /** The room's last bundle not above `upTo`. */
  lastOf(room: RoomKey, upTo: number): Kept | undefined {
    this.#expire();
    const kept = this.#tracks.get(room)?.kept;
    return kept?.at(kept.above(upTo) - 1);
  }

  /** The highest sequence that was stored at `time` or before, as a replica that lags would know it. */
  seqAsOf(time: number): number {
    let seq = this.#lastSeq;
    while (seq > 0) {
      const kept = this.at(seq);
      if (kept === undefined || kept.time <= time) return seq;
      seq -= 1;
    }
    return 0;
  }

  /** Everything stored so far ages out at once, as by the cap on bytes. */
  evict(): void {
    while (this.#all.length > 0) this.#dropOldest();
  }

  /** All storage is lost, and a stream of the same name begins again at sequence 1, later. */
  rebirth(): void {
    for (const [room, track] of this.#tracks) {
      while (track.kept.length > 0) track.kept.shift();
      this.#dropIdle(room, track);
    }
    this.#all = new Shelf();
    this.#bytes = 0;
    this.#lastSeq = 0;
    this.#lastTime = Math.max(this.#lastTime, this.#clock.now()) + 1;
    this.#fresh = [];
  }

  /** How many rooms hold bundles or followers: a test's proof that nothing was left behind. */
  get rooms(): number {
    return this.#tracks.size;
  }

  #trackOf(room: RoomKey): Track {
    let track = this.#tracks.get(room);
    if (track === undefined) {
      track = { kept: new Shelf(), followers: [] };
      this.#tracks.set(room, track);
    }
    return track;
  }

  #sendFresh(): void {
    const fresh = this.#fresh;
    this.#fresh = [];
    for (const kept of fresh) {
      const followers = this.#tracks.get(kept.room)?.followers;
      if (followers !== undefined) for (const follower of followers) follower.take(kept);
    }
  }

  #expire(now = this.#clock.now()): void {
    const { maxAge, maxBytes } = this.#retention;
    const youngest = now - maxAge;
    for (let oldest = this.#all.at(0); oldest !== undefined; oldest = this.#all.at(0)) {
      if (oldest.time >= youngest && this.#bytes <= maxBytes) return;
      this.#dropOldest();
    }
  }

  #dropOldest(): void {
    const oldest = this.#all.at(0);
    if (oldest === undefined) return;
    this.#all.shift();
    this.#bytes -= oldest.bytes;
    const track = this.#tracks.get(oldest.room);
    if (track === undefined) return;
    track.kept.shift();
    this.#dropIdle(oldest.room, track);
  }

  #dropIdle(room: RoomKey, track: Track): void {
    if (track.kept.length === 0 && track.followers.length === 0) this.#tracks.delete(room);
  }

  #sweepOld(): void {
    this.#sweep = undefined;
    this.#expire();
    const oldest = this.#all.at(0);
    if (oldest === undefined) return;
    const due = oldest.time + this.#retention.maxAge + 1 - this.#clock.now();
    this.#sweep = this.#clock.after(Math.max(1000, due), () => this.#sweepOld());
  }
}
