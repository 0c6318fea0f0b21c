// Reads a room's bundles out of its stream: bounded by what is known to be stored, one reading of the same at a time.
import type { Clock, ReadAnswer, Stored } from "@heliograph/core";
import { Unreachable } from "@heliograph/core";
import type { Position } from "@heliograph/protocol";
import type { StreamApi } from "../stream/api.ts";
import type { DirectGets, StoredMessage } from "../stream/direct-gets.ts";
import { Budget } from "./budget.ts";

/** Milliseconds for which a lagging replica is asked again. */
const readPatience = 2000;
/** Milliseconds between two questions to a replica that lags, and after how long the leader is asked what there is. */
const readPause = 20;
const leaderAfter = 400;
/** Messages of the first and of further questions, and bytes of each. */
const firstBatch = 32;
const furtherBatch = 256;
const batchBytes = 1 << 20;
/** Reads of one stream under way at once, and how many may wait. */
const atOnce = 8;
const mostWaiting = 20_000;

export type MessageReader = (message: StoredMessage) => Stored;

export class Reads {
  readonly #shard: number;
  readonly #gets: DirectGets;
  readonly #api: StreamApi;
  readonly #clock: Clock;
  readonly #read: MessageReader;
  readonly #budget = new Budget(atOnce, mostWaiting);
  readonly #flights = new Map<string, Promise<ReadAnswer>>();

  constructor(shard: number, gets: DirectGets, api: StreamApi, clock: Clock, read: MessageReader) {
    this.#shard = shard;
    this.#gets = gets;
    this.#api = api;
    this.#clock = clock;
    this.#read = read;
  }

  /** As `Log.read` of the room whose entries stand on `subject`. */
  between(subject: string, after: Position | undefined, upTo: number): Promise<ReadAnswer> {
    const from = after === undefined ? "" : `${after.seq} ${after.index} ${after.time}`;
    const flight = `${subject} ${from} ${upTo}`;
    const flying = this.#flights.get(flight);
    if (flying !== undefined) return flying;
    const read = this.#budget.spend(() => this.#between(subject, after, upTo));
    this.#flights.set(flight, read);
    const landed = (): void => {
      this.#flights.delete(flight);
    };
    read.then(landed, landed);
    return read;
  }

  async first(subject: string): Promise<Stored | undefined> {
    const message = await this.#budget.spend(() => this.#gets.firstOf(this.#shard, subject));
    return message === undefined ? undefined : this.#read(message);
  }

  get size(): number {
    return this.#budget.size;
  }

  async #between(subject: string, after: Position | undefined, upTo: number): Promise<ReadAnswer> {
    const start = after !== undefined && after.seq >= 1 ? after.seq : 1;
    // A position beyond what is asked for has nothing before it to read: only whether it is one.
    const messages = start > upTo ? [] : await this.#upTo(subject, start, upTo);
    if (messages === undefined) return { whole: false, why: "unknown_position", bundles: [] };
    if (after === undefined) return { whole: true, bundles: messages.map(this.#read) };
    const [there] = messages;
    if (there?.seq === after.seq) {
      const bundles = messages.map(this.#read);
      if (there.time !== after.time) return this.#restarted(subject, upTo);
      const rest = after.index < (bundles[0]?.entries.length ?? 0) - 1;
      return { whole: true, bundles: rest ? bundles : bundles.slice(1) };
    }
    return this.#whyNot(subject, after, upTo, messages);
  }

  /** The position is not where it should be: what is known of other sequences and their times tells why. */
  async #whyNot(
    subject: string,
    after: Position,
    upTo: number,
    messages: readonly StoredMessage[],
  ): Promise<ReadAnswer> {
    const stream = await this.#api.info(this.#shard);
    if (stream === undefined) throw new Unreachable("the stream is missing");
    const there =
      after.seq >= stream.firstSeq && after.seq <= stream.lastSeq ? await this.#leaders(after.seq) : undefined;
    if (there === undefined ? isAhead(after, stream) : there.time !== after.time) return this.#restarted(subject, upTo);
    if (there?.subject === subject) {
      if (after.seq > upTo) return { whole: true, bundles: [] };
      // The leader has it and the replica had not: it lags, or it has just been given a new stream.
      throw new Unreachable("the replica that answered is behind");
    }
    if (there !== undefined || after.seq > stream.lastSeq)
      return { whole: false, why: "unknown_position", bundles: [] };
    // Aged out, unless what still stands after it is older than the position claims to be.
    if (stream.firstTime !== undefined && stream.lastSeq >= stream.firstSeq && stream.firstTime < after.time) {
      return this.#restarted(subject, upTo);
    }
    return { whole: false, why: "too_old", bundles: messages.filter(({ seq }) => seq > after.seq).map(this.#read) };
  }

  async #restarted(subject: string, upTo: number): Promise<ReadAnswer> {
    const messages = await this.#upTo(subject, 1, upTo);
    return { whole: false, why: "log_restarted", bundles: (messages ?? []).map(this.#read) };
  }

  #leaders(seq: number): Promise<{ readonly subject: string; readonly time: number } | undefined> {
    return this.#api.message(this.#shard, seq);
  }

  /**
   * The room's messages from `start` up to `upTo`, by a replica that has stored `upTo`. Undefined: the stream has
   * never come so far. What is missing although it has come so far has gone: whoever asked sees that it is not there.
   */
  async #upTo(subject: string, start: number, upTo: number): Promise<readonly StoredMessage[] | undefined> {
    const until = this.#clock.now() + readPatience;
    const askLeaderAt = this.#clock.now() + leaderAfter;
    for (;;) {
      const { messages, reached } = await this.#run(subject, start, upTo);
      if (reached) return messages;
      if (this.#clock.now() >= askLeaderAt) {
        const stream = await this.#api.info(this.#shard);
        if (stream !== undefined && stream.lastSeq < upTo) return undefined;
        const there = stream === undefined ? undefined : await this.#leaders(upTo);
        if (stream !== undefined && there?.subject !== subject) return messages;
        if (this.#clock.now() >= until) throw new Unreachable("every replica that answers is behind");
      }
      await new Promise<void>((resolve) => this.#clock.after(readPause, resolve));
    }
  }

  async #run(
    subject: string,
    start: number,
    upTo: number,
  ): Promise<{ readonly messages: readonly StoredMessage[]; readonly reached: boolean }> {
    const messages: StoredMessage[] = [];
    let from = start;
    for (let batch = firstBatch; from <= upTo; batch = furtherBatch) {
      const run = await this.#gets.run(this.#shard, subject, from, batch, batchBytes);
      for (const message of run.messages) {
        if (message.seq > upTo) return { messages, reached: true };
        messages.push(message);
        if (message.seq === upTo) return { messages, reached: true };
        from = message.seq + 1;
      }
      if (!run.more) return { messages, reached: false };
    }
    return { messages, reached: false };
  }
}

/** Beyond the stream's end, while the stream's last entry is younger: the position is of an earlier, longer life. */
function isAhead(
  after: Position,
  stream: { readonly lastSeq: number; readonly lastTime: number | undefined },
): boolean {
  return after.seq > stream.lastSeq && stream.lastTime !== undefined && stream.lastTime > after.time;
}
