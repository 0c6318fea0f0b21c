// Appends under way: each tried again as it is until it is acknowledged, and its time found, which no acknowledgement tells.
import type { Codec } from "@heliograph/codec";
import type { Clock, Entry, Timer } from "@heliograph/core";
import { TooLarge, Unreachable } from "@heliograph/core";
import type { Position } from "@heliograph/protocol";
import type { Inbox } from "../link/inbox.ts";
import type { Delivery, Header, NatsLink } from "../link/nats-link.ts";
import type { DirectGets, StoredMessage } from "../stream/direct-gets.ts";
import { readStatus } from "../stream/stored-headers.ts";
import { UnderWay } from "../under-way.ts";
import type { BundleCodec } from "../wire/bundle.ts";
import { notAsExpected, readAcknowledgement } from "./acknowledgement.ts";

/** Milliseconds after which an append without an answer is sent again: it may then stand twice, so not too soon. */
const ackPatience = 1000;
/** Milliseconds between attempts after a refusal: the first, and the most they double to. */
const backOff = [30, 200] as const;
/** Milliseconds for which a followed room's live copy is waited for, since it tells the time. */
const copyPatience = 50;
/** Milliseconds between two looks at everything under way. */
const lookEvery = 50;
/** Milliseconds for which an acknowledged bundle is kept for its live copy. */
const keepFor = 10_000;
/** Questions for the time of an acknowledged entry before the local clock stands in for it. */
const timeTries = 50;
const timePause = 20;

/** Stored only where the subject has no message. */
const asFirst: Header = ["Nats-Expected-Last-Subject-Sequence", "0"];

export interface AppendsPorts {
  readonly link: NatsLink;
  readonly inbox: Pick<Inbox, "expect" | "forget">;
  readonly bundles: Pick<BundleCodec, "write" | "ownNumber">;
  readonly json: Codec;
  readonly gets: Pick<DirectGets, "bySeq" | "firstOf">;
  readonly clock: Clock;
  /** The room is followed here, so that live copies come. */
  isFollowed(subject: string): boolean;
  /** Acknowledged, and its place known: told before the append resolves. */
  landed(subject: string, position: Position): void;
  /** A stream did not answer: it may be gone. */
  suspect(shard: number): void;
  fault(where: string, error: unknown): void;
}

interface Asker {
  resolve(position: Position): void;
  reject(error: Unreachable | TooLarge): void;
  /** Of what is to be stored as the first of its subject or not at all: another is. */
  readonly taken?: () => void;
}

interface Append {
  readonly number: number;
  readonly shard: number;
  readonly subject: string;
  readonly entries: readonly Entry[];
  readonly bytes: Uint8Array;
  readonly asker: Asker;
  reply: string;
  failures: number;
  /** Local time at which it is sent again, or looked after. */
  due: number;
  /** Of the stored copy that was acknowledged; 0: none yet. */
  seq: number;
  /** Places at which its live copies stood; more than one when it was stored twice. */
  seen: { readonly seq: number; readonly time: number }[] | undefined;
  settled: boolean;
}

export class Appends {
  readonly #ports: AppendsPorts;
  /** By number: under way, or acknowledged with the live copy still to come. */
  readonly #appends = new UnderWay<Append>();
  #looking: Timer | undefined;
  #closed = false;

  constructor(ports: AppendsPorts) {
    this.#ports = ports;
  }

  append(shard: number, subject: string, entries: readonly Entry[]): Promise<Position> {
    return new Promise((resolve, reject) => this.#begin(shard, subject, entries, { resolve, reject }));
  }

  /** As the first of its subject, or not at all: undefined, since another is. */
  open(shard: number, subject: string, entries: readonly Entry[]): Promise<Position | undefined> {
    return new Promise((resolve, reject) => {
      this.#begin(shard, subject, entries, { resolve, reject, taken: () => resolve(undefined) });
    });
  }

  #begin(shard: number, subject: string, entries: readonly Entry[], asker: Asker): void {
    if (this.#closed) {
      asker.reject(new Unreachable("the log is closed"));
      return;
    }
    const number = this.#appends.next();
    const bytes = this.#ports.bundles.write(number, entries);
    const most = this.#ports.link.server?.maxPayload;
    if (most !== undefined && bytes.length > most) {
      // Nothing that a door lets in is so large: a room's whole state may be.
      const error = new TooLarge(
        `a bundle of ${bytes.length} bytes is more than the servers' max_payload of ${most}: raise it there`,
      );
      this.#ports.fault(`append to ${subject}`, error);
      asker.reject(error);
      return;
    }
    const append: Append = {
      number,
      shard,
      subject,
      entries,
      bytes,
      asker,
      reply: "",
      failures: 0,
      due: 0,
      seq: 0,
      seen: undefined,
      settled: false,
    };
    append.reply = this.#ports.inbox.expect((answer) => this.#answered(append, answer));
    this.#appends.set(number, append);
    this.#send(append);
    this.#look();
  }

  /** A live copy of a bundle of ours has come: its entries, if they are still known. */
  heard(number: number, subject: string, seq: number, time: number): readonly Entry[] | undefined {
    const append = this.#appends.get(number);
    if (append === undefined || append.subject !== subject) return undefined;
    append.seen ??= [];
    append.seen.push({ seq, time });
    if (append.settled) this.#appends.delete(number);
    else if (append.seq === seq) this.#settle(append, time);
    return append.entries;
  }

  /** The link is up again: what is under way is sent again as it is. */
  resume(): void {
    for (const append of this.#appends.all()) {
      if (append.seq !== 0) continue;
      append.failures = 0;
      this.#send(append);
    }
  }

  close(): void {
    this.#closed = true;
    this.#looking?.cancel();
    for (const append of this.#appends.all()) {
      this.#ports.inbox.forget(append.reply);
      if (!append.settled) append.asker.reject(new Unreachable("the log was closed"));
    }
    this.#appends.clear();
  }

  get size(): number {
    return this.#appends.size;
  }

  /** Called by lanes at the end of a turn, and by our own timers: never inside a socket's callback. */
  #send(append: Append): void {
    append.due = this.#ports.clock.now() + ackPatience;
    const { subject, bytes, reply, asker } = append;
    this.#ports.link.publishNow(subject, bytes, reply, asker.taken === undefined ? undefined : asFirst);
  }

  #answered(append: Append, answer: Delivery): void {
    if (append.seq !== 0 || append.settled) return;
    if (readStatus(answer.bytes, answer.headerEnd) !== 0) {
      // Nobody takes the subject: an election, a server that begins, or a stream that is gone.
      if (append.failures > 0) this.#ports.suspect(append.shard);
      this.#failed(append);
      return;
    }
    const read = readAcknowledgement(answer.bytes.subarray(answer.headerEnd), this.#ports.json);
    if (read.stored) this.#acknowledged(append, read.seq);
    else if (append.asker.taken !== undefined && notAsExpected.includes(read.code)) void this.#lookAtFirst(append);
    else {
      if (append.failures === 0) this.#ports.fault(`append to ${append.subject}`, new Error(read.why));
      this.#failed(append);
    }
  }

  #failed(append: Append): void {
    const [first, most] = backOff;
    append.due = this.#ports.clock.now() + Math.min(first * 2 ** Math.min(append.failures, 16), most);
    append.failures += 1;
  }

  #acknowledged(append: Append, seq: number): void {
    append.seq = seq;
    this.#ports.inbox.forget(append.reply);
    const place = append.seen?.find((each) => each.seq === seq);
    if (place !== undefined) this.#settle(append, place.time);
    else if (this.#ports.isFollowed(append.subject)) append.due = this.#ports.clock.now() + copyPatience;
    else void this.#findTime(append);
  }

  /** Another stands first on the subject, or the very same by an attempt whose acknowledgement was lost. */
  async #lookAtFirst(append: Append): Promise<void> {
    append.due = Number.POSITIVE_INFINITY;
    let first: StoredMessage | undefined;
    try {
      first = await this.#ports.gets.firstOf(append.shard, append.subject);
    } catch {
      // Out of reach now: tried again from the beginning, and looked at again.
    }
    if (append.seq !== 0 || append.settled || this.#closed) return;
    // What was in its way may not be stored yet, or not on the replica that was asked.
    if (first === undefined) this.#failed(append);
    else if (this.#ports.bundles.ownNumber(first.payload) === append.number) {
      append.seq = first.seq;
      this.#ports.inbox.forget(append.reply);
      this.#settle(append, first.time);
    } else {
      append.settled = true;
      this.#ports.inbox.forget(append.reply);
      this.#appends.delete(append.number);
      append.asker.taken?.();
    }
  }

  #settle(append: Append, time: number): void {
    if (append.settled) return;
    append.settled = true;
    const position = { seq: append.seq, index: 0, time };
    // A live copy that is still to come finds its entries here; without a follow none comes.
    if (append.seen !== undefined || !this.#ports.isFollowed(append.subject)) this.#appends.delete(append.number);
    else append.due = this.#ports.clock.now() + keepFor;
    this.#ports.landed(append.subject, position);
    append.asker.resolve(position);
  }

  /** By reading it, until a replica has it. */
  async #findTime(append: Append): Promise<void> {
    append.due = Number.POSITIVE_INFINITY;
    for (let tries = 1; tries <= timeTries && !append.settled && !this.#closed; tries += 1) {
      try {
        const there = await this.#ports.gets.bySeq(append.shard, append.seq);
        if (there !== undefined) {
          this.#settle(append, there.time);
          return;
        }
      } catch {
        // Out of reach now: asked again, as long as it takes for the link to come back.
        tries -= this.#ports.link.state === "down" ? 1 : 0;
      }
      await new Promise<void>((resolve) => this.#ports.clock.after(timePause, resolve));
    }
    // It was stored and has gone since, with its stream or by age: where it stood, nobody can look any more.
    if (!this.#closed) this.#settle(append, this.#ports.clock.now());
  }

  #look(): void {
    if (this.#looking !== undefined || this.#appends.size === 0 || this.#closed) return;
    this.#looking = this.#ports.clock.after(lookEvery, () => {
      this.#looking = undefined;
      const now = this.#ports.clock.now();
      const up = this.#ports.link.state === "up";
      for (const append of this.#appends.all()) {
        // A clock that was set back leaves nobody waiting for longer than one patience.
        if (append.due - now > keepFor && append.due !== Number.POSITIVE_INFINITY) append.due = now + ackPatience;
        if (append.settled && !this.#ports.isFollowed(append.subject)) append.due = now;
        if (append.due > now) continue;
        if (append.settled) this.#appends.delete(append.number);
        else if (append.seq !== 0) void this.#findTime(append);
        else if (up) this.#again(append);
      }
      this.#look();
    });
  }

  #again(append: Append): void {
    append.failures += 1;
    this.#send(append);
  }
}
