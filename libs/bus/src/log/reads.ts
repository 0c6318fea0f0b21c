// Reads rooms' bundles out of one stream: bounded by what is known to be stored, never the same twice at once, and many together.
import type { Clock, ReadAnswer, Stored } from "@heliograph/core";
import { Unreachable } from "@heliograph/core";
import type { Position } from "@heliograph/protocol";
import type { StreamApi } from "../stream/api.ts";
import type { DirectGets, StoredMessage } from "../stream/direct-gets.ts";
import { streamSource } from "../stream/subjects.ts";
import { Budget } from "./budget.ts";
import { type Reach, worthSweeping } from "./sweep.ts";

/** Milliseconds for which a lagging replica is asked again. */
const readPatience = 2000;
/** Milliseconds between two questions to a replica that lags, and after how long the leader is asked what there is. */
const readPause = 20;
const leaderAfter = 400;
/** Messages of the first and of further questions, of those of a sweep, and bytes of each. */
const firstBatch = 32;
const furtherBatch = 256;
const sweepBatch = 5000;
const batchBytes = 1 << 20;
const sweepBatchBytes = 4 << 20;
/** Bytes that one sweep holds until its end; beyond them half of its rooms wait for the next one. */
const sweepBytes = 32 << 20;
/** Reads of one stream under way at once, and how many may wait. */
const atOnce = 8;
const mostWaiting = 20_000;

export type MessageReader = (message: StoredMessage) => Stored;

export interface ReadsPorts {
  readonly gets: Pick<DirectGets, "run" | "firstOf">;
  readonly api: Pick<StreamApi, "info" | "message">;
  readonly clock: Clock;
  readonly read: MessageReader;
}

interface Reading extends Reach {
  readonly subject: string;
  readonly after: Position | undefined;
  readonly resolve: (answer: ReadAnswer) => void;
  readonly reject: (error: unknown) => void;
}

export class Reads {
  readonly #shard: number;
  readonly #gets: ReadsPorts["gets"];
  readonly #api: ReadsPorts["api"];
  readonly #clock: Clock;
  readonly #read: MessageReader;
  readonly #firsts = new Budget(atOnce, mostWaiting);
  readonly #flights = new Map<string, Promise<ReadAnswer>>();
  #waiting: Reading[] = [];
  #running = 0;
  #sweeping = false;

  constructor(shard: number, { gets, api, clock, read }: ReadsPorts) {
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
    if (this.#waiting.length >= mostWaiting) return Promise.reject(new Unreachable("too many reads wait"));
    const read = new Promise<ReadAnswer>((resolve, reject) => {
      const start = after !== undefined && after.seq >= 1 ? after.seq : 1;
      this.#waiting.push({ subject, after, start, upTo, resolve, reject });
    });
    this.#flights.set(flight, read);
    const landed = (): void => {
      this.#flights.delete(flight);
    };
    read.then(landed, landed);
    // What is asked in one turn, when a link is back or a node has died, is looked at together.
    if (this.#waiting.length === 1) this.#clock.endOfTurn(this.#next);
    return read;
  }

  async first(subject: string): Promise<Stored | undefined> {
    const message = await this.#firsts.spend(() => this.#gets.firstOf(this.#shard, subject));
    return message === undefined ? undefined : this.#read(message);
  }

  get size(): number {
    return this.#firsts.size + this.#running + this.#waiting.length;
  }

  /** Begins what may begin: one read, or, where many wait, one way through the stream for all of them. */
  readonly #next = (): void => {
    while (this.#running < atOnce && this.#waiting.length > 0) {
      const together = worthSweeping(this.#waiting);
      // What waits for the next sweep is not worth a question each.
      if (together.length > 0 && this.#sweeping) return;
      const begun = new Set(together.length > 0 ? together : this.#waiting.slice(0, 1));
      this.#waiting = this.#waiting.filter((reading) => !begun.has(reading));
      this.#running += 1;
      const work = together.length > 0 ? this.#sweep([...together]) : this.#settle([...begun]);
      void work.finally(() => {
        this.#running -= 1;
        this.#next();
      });
    }
  };

  /** Each by itself, one after the other. Rejects never. */
  async #settle(readings: readonly Reading[]): Promise<void> {
    for (const { subject, after, start, upTo, resolve, reject } of readings) {
      try {
        // A position beyond what is asked for has nothing before it to read: only whether it is one.
        const messages = start > upTo ? [] : await this.#upTo(subject, start, upTo);
        resolve(
          messages === undefined
            ? { whole: false, why: "unknown_position", bundles: [] }
            : await this.#answer(subject, after, upTo, messages),
        );
      } catch (error) {
        reject(error);
      }
    }
  }

  /** The stream once, in order, sorted by room. Whoever's end it does not show is read by itself. Rejects never. */
  async #sweep(sweeping: readonly Reading[]): Promise<void> {
    this.#sweeping = true;
    let readings = sweeping;
    try {
      const found = new Map<string, StoredMessage[]>(readings.map(({ subject }) => [subject, []]));
      const end = Math.max(...readings.map(({ upTo }) => upTo));
      let from = Math.min(...readings.map(({ start }) => start));
      let held = 0;
      for (let more = true; more && from <= end; ) {
        const run = await this.#gets.run(this.#shard, streamSource(this.#shard), from, sweepBatch, sweepBatchBytes);
        for (const message of run.messages) {
          from = message.seq + 1;
          const messages = found.get(message.subject);
          if (messages === undefined) continue;
          // A view would keep everybody's messages alive.
          messages.push({ ...message, payload: message.payload.slice() });
          held += message.payload.length;
        }
        more = run.more;
        if (held > sweepBytes && readings.length > 1) {
          const half = Math.ceil(readings.length / 2);
          for (const reading of readings.slice(half)) {
            for (const { payload } of found.get(reading.subject) ?? []) held -= payload.length;
            found.delete(reading.subject);
            this.#waiting.push(reading);
          }
          readings = readings.slice(0, half);
        }
      }
      const left: Reading[] = [];
      for (const reading of readings) {
        const { subject, after, start, upTo, resolve, reject } = reading;
        const messages = (found.get(subject) ?? []).filter(({ seq }) => seq >= start && seq <= upTo);
        if (messages.at(-1)?.seq !== upTo) left.push(reading);
        else this.#answer(subject, after, upTo, messages).then(resolve, reject);
      }
      this.#sweeping = false;
      await this.#settle(left);
    } catch (error) {
      this.#sweeping = false;
      for (const { reject } of readings) reject(error);
    }
  }

  async #answer(
    subject: string,
    after: Position | undefined,
    upTo: number,
    messages: readonly StoredMessage[],
  ): Promise<ReadAnswer> {
    if (after === undefined) return { whole: true, bundles: messages.map(this.#read) };
    const [there] = messages;
    if (there?.seq !== after.seq) return this.#whyNot(subject, after, upTo, messages);
    if (there.time !== after.time) return this.#restarted(subject, upTo);
    const bundles = messages.map(this.#read);
    const rest = after.index < (bundles[0]?.entries.length ?? 0) - 1;
    return { whole: true, bundles: rest ? bundles : bundles.slice(1) };
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
