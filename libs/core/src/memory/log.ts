// The Log of one node over its own link to the shared stream.
import type { Position, RoomKey } from "@heliograph/protocol";
import { Chain } from "../chain.ts";
import type { Clock, Timer } from "../ports/clock.ts";
import type { Follow, Follower, LinkState, Log, ReadAnswer, Stored } from "../ports/log.ts";
import { Unreachable } from "../ports/unreachable.ts";
import type { Entry } from "../room/entry.ts";
import type { MemoryLink } from "./link.ts";
import type { Kept, MemoryStream, StreamFollower } from "./stream.ts";

/** Milliseconds after which an append without acknowledgement is tried again as it is. */
const ackPatience = 250;
/** Milliseconds for which a question waits for a lagging replica or a half-open link. */
const readPatience = 2000;
/** Milliseconds between two questions to a replica that lags. */
const readPause = 20;

/**
 * Follower and acknowledgement of an append are told in the same task that appended, after it: the live copy first,
 * then the acknowledgement. Neither is told inside the call of `append`. Entries are kept by reference: whoever
 * appends hands over bodies that own their bytes.
 */
export class MemoryLog implements Log {
  readonly #stream: MemoryStream;
  readonly #link: MemoryLink;
  readonly #clock: Clock;
  readonly #follows = new Map<RoomKey, readonly MemoryFollow[]>();
  readonly #waiting = new Set<() => void>();
  readonly #unlisten: () => void;
  #downSince = 0;
  #closed = false;

  constructor(stream: MemoryStream, link: MemoryLink) {
    this.#stream = stream;
    this.#link = link;
    this.#clock = link.clock;
    this.#unlisten = link.onState((state) => this.#turned(state));
  }

  append(room: RoomKey, bundle: readonly Entry[]): Promise<Position> {
    const store = (): Kept => this.#stream.store(room, bundle);
    if (!this.#link.plain || this.#closed) return this.#storeThrough(room, store).then(placeOf);
    return Promise.resolve(placeOf(store()));
  }

  async open(room: RoomKey, bundle: readonly Entry[]): Promise<Position | undefined> {
    const store = (): Kept => this.#stream.open(room, bundle);
    const first = this.#link.plain && !this.#closed ? store() : await this.#storeThrough(room, store);
    return first.entries === bundle ? placeOf(first) : undefined;
  }

  follow(room: RoomKey, follower: Follower): Follow {
    const follow = new MemoryFollow(room, follower, this.#stream, this.#link, this);
    this.#follows.set(room, [...(this.#follows.get(room) ?? []), follow]);
    return follow;
  }

  async read(room: RoomKey, after: Position | undefined, upTo: number): Promise<ReadAnswer> {
    await this.#ask(true);
    const until = this.#clock.now() + readPatience;
    // Any replica answers, and it may not have stored yet what is known to be stored: asked again until it has.
    let seen = this.#seen();
    while (seen < upTo) {
      if (this.#clock.now() >= until) return { whole: false, why: "unknown_position", bundles: [] };
      await this.#pause(readPause);
      await this.#ask(false);
      seen = this.#seen();
    }
    return answerFrom(this.#stream, room, after, Math.min(upTo, seen));
  }

  async tail(room: RoomKey): Promise<number | undefined> {
    await this.#ask(true);
    return this.#stream.lastOf(room, this.#seen())?.seq;
  }

  async first(room: RoomKey): Promise<Stored | undefined> {
    await this.#ask(true);
    const first = this.#stream.firstOf(room);
    return first !== undefined && first.seq <= this.#seen() ? first : undefined;
  }

  get link(): LinkState {
    return this.#link.state;
  }

  onLink(listener: (state: LinkState) => void): () => void {
    return this.#link.onState(listener);
  }

  /** The node is gone: its follows end and its appends under way reject, their outcome unknown. */
  close(): void {
    this.#closed = true;
    this.#unlisten();
    for (const follows of [...this.#follows.values()]) for (const follow of follows) follow.end();
    for (const wake of [...this.#waiting]) wake();
  }

  /** How many rooms are followed: a test's proof that nothing was left behind. */
  get followed(): number {
    return this.#follows.size;
  }

  async #storeThrough(room: RoomKey, store: () => Kept): Promise<Kept> {
    for (;;) {
      if (this.#closed) throw new Unreachable("the log is closed");
      if (this.#link.state === "down") await this.#woken();
      else {
        const stored = await this.#attempt(store);
        if (stored !== undefined) {
          for (const follow of this.#follows.get(room) ?? []) follow.acknowledged(stored);
          return stored;
        }
      }
    }
  }

  /** One way to the stream and one back; undefined: no acknowledgement came. */
  #attempt(store: () => Kept): Promise<Kept | undefined> {
    const { ackLoss, appendTwice } = this.#link.misbehaviour;
    return new Promise((resolve) => {
      const over = (stored: Kept | undefined): void => {
        timer.cancel();
        this.#waiting.delete(wake);
        resolve(stored);
      };
      const wake = (): void => over(undefined);
      const timer: Timer = this.#clock.after(ackPatience, wake);
      this.#waiting.add(wake);
      this.#link.pass(() => {
        const stored = store();
        if (this.#link.chance(appendTwice)) store();
        if (!this.#link.chance(ackLoss)) this.#link.pass(() => over(stored));
      });
    });
  }

  /** Resolves when the link has turned or the log was closed. */
  #woken(): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
    });
  }

  /** The way of a question: it takes its time, and may fail. */
  async #ask(mayFail: boolean): Promise<void> {
    await Promise.resolve();
    if (this.#link.plain && !this.#closed) return;
    const { delay, readFail } = this.#link.misbehaviour;
    await this.#pause(2 * this.#link.draw(delay));
    if (this.#link.stalled) await this.#pause(readPatience);
    const lost = this.#closed || this.#link.stalled || this.#link.state === "down";
    if (lost || (mayFail && this.#link.chance(readFail))) throw new Unreachable("the log cannot be asked");
  }

  /** The last sequence known to whichever replica answers. */
  #seen(): number {
    const lag = this.#link.draw(this.#link.misbehaviour.readLag);
    return lag === 0 ? this.#stream.last.seq : this.#stream.seqAsOf(this.#clock.now() - lag);
  }

  async #pause(ms: number): Promise<void> {
    if (ms > 0) await new Promise<void>((resolve) => this.#clock.after(ms, resolve));
  }

  /** The room's last sequence by a replica that has stored at least everything up to `known`. */
  async tailFrom(room: RoomKey, known: number): Promise<number | undefined> {
    for (;;) {
      await this.#ask(true);
      const seen = this.#seen();
      if (seen >= known || known > this.#stream.last.seq) return this.#stream.lastOf(room, seen)?.seq;
      await this.#pause(readPause);
    }
  }

  #turned(state: LinkState): void {
    if (state === "down") this.#downSince = this.#clock.now();
    const outlived = state === "up" && this.#clock.now() - this.#downSince >= this.#stream.maxAge;
    for (const follows of [...this.#follows.values()]) for (const follow of follows) follow.turned(state, outlived);
    for (const wake of [...this.#waiting]) wake();
  }

  /** A follow ended. */
  forget(follow: MemoryFollow): void {
    const left = (this.#follows.get(follow.room) ?? []).filter((other) => other !== follow);
    if (left.length === 0) this.#follows.delete(follow.room);
    else this.#follows.set(follow.room, left);
  }
}

/** One object for all its parts: there is one in every hosted room. */
class MemoryFollow implements Follow, StreamFollower, Follower {
  readonly room: RoomKey;
  readonly proved: Promise<void>;
  readonly #chain: Chain;
  readonly #stream: MemoryStream;
  readonly #link: MemoryLink;
  readonly #log: MemoryLog;
  readonly #follower: Follower;
  #prove: (() => void) | undefined;
  /** Counts the subscriptions; odd while there is one. */
  #subscription = 0;
  #proving: Timer | undefined;
  #over = false;

  constructor(room: RoomKey, follower: Follower, stream: MemoryStream, link: MemoryLink, log: MemoryLog) {
    this.room = room;
    this.#stream = stream;
    this.#link = link;
    this.#log = log;
    this.#follower = follower;
    this.proved = new Promise((resolve) => {
      this.#prove = resolve;
    });
    this.#chain = new Chain(this, (after, upTo) => log.read(room, after, upTo), link.clock);
    if (link.state === "up") this.#subscribe(false);
  }

  stored(bundle: Stored): void {
    this.#follower.stored(bundle);
  }

  broken(why: "lost" | "reborn"): void {
    this.end();
    this.#follower.broken(why);
  }

  start(after: Position | undefined): void {
    this.#chain.start(after);
  }

  mention(seq: number): void {
    this.#chain.mention(seq);
  }

  acknowledged({ seq, time }: Stored): void {
    this.#chain.mention(seq, time);
  }

  take(copy: Kept): void {
    if (this.#link.plain) this.#chain.take(copy);
    else this.#link.copy(() => this.#chain.take(copy));
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#chain.end();
    this.#unsubscribe();
    this.#log.forget(this);
  }

  /** The client follows again after every loss of its link, and looks for what it missed meanwhile. */
  turned(state: LinkState, outlived: boolean): void {
    this.#unsubscribe();
    if (state === "down") return this.#chain.parted();
    if (outlived) this.#chain.outlived();
    this.#chain.rejoined();
    if (!this.#over) this.#subscribe(true);
  }

  #subscribe(again: boolean): void {
    const lag = this.#link.draw(this.#link.misbehaviour.proveLag);
    const known = (): void => {
      this.#proving = undefined;
      this.#subscription += 1;
      this.#stream.follow(this.room, this);
      this.#prove?.();
      // Two functions less per room: a promise is kept once and resolved once.
      this.#prove = undefined;
      if (again) this.#catchUp(this.#stream.last.seq);
    };
    if (lag === 0) known();
    else this.#proving = this.#link.clock.after(lag, known);
  }

  #unsubscribe(): void {
    this.#proving?.cancel();
    this.#proving = undefined;
    if (this.#subscription % 2 === 0) return;
    this.#subscription += 1;
    this.#stream.unfollow(this.room, this);
  }

  #catchUp(known: number): void {
    void this.#chain.catchUp(async () => {
      const seq = await this.#log.tailFrom(this.room, known);
      const time = seq === undefined ? undefined : this.#stream.at(seq)?.time;
      return seq === undefined ? undefined : { seq, ...(time === undefined ? {} : { time }) };
    });
  }
}

function placeOf({ seq, time }: Stored): Position {
  return { seq, index: 0, time };
}

/** What a direct get by position tells: the whole, or why not, by the times that stand at known sequences. */
function answerFrom(stream: MemoryStream, room: RoomKey, after: Position | undefined, upTo: number): ReadAnswer {
  if (after === undefined) return { whole: true, bundles: stream.between(room, 0, upTo) };
  const there = stream.at(after.seq);
  if (there?.room === room && there.time === after.time) {
    const rest = after.index < there.entries.length - 1 ? 1 : 0;
    return { whole: true, bundles: stream.between(room, after.seq - rest, upTo) };
  }
  const { last } = stream;
  const oldest = stream.oldest();
  if (there !== undefined ? there.time !== after.time : after.seq > last.seq && last.time > after.time) {
    return { whole: false, why: "log_restarted", bundles: stream.between(room, 0, upTo) };
  }
  if (there !== undefined || after.seq > last.seq) return { whole: false, why: "unknown_position", bundles: [] };
  // Aged out, unless what still stands after it is older than the position claims to be.
  const before = oldest !== undefined && oldest.time < after.time ? "log_restarted" : "too_old";
  return { whole: false, why: before, bundles: stream.between(room, before === "too_old" ? after.seq : 0, upTo) };
}
