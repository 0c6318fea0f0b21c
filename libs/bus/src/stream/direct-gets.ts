// Reads single messages and runs of them out of a stream, from whichever replica answers.
import type { Codec } from "@heliograph/codec";
import { Unreachable } from "@heliograph/core";
import type { Delivery } from "../link/nats-link.ts";
import type { Requests } from "../link/requests.ts";
import { readHeader, readStoredFacts } from "./stored-headers.ts";
import { streamName } from "./subjects.ts";

export interface StoredMessage {
  /** On which it was stored. */
  readonly subject: string;
  readonly seq: number;
  readonly time: number;
  readonly payload: Uint8Array;
}

export interface Run {
  readonly messages: readonly StoredMessage[];
  /** Whether the replica has more that match. */
  readonly more: boolean;
}

const endOfBatch = 204;
const notFound = 404;
/** Milliseconds without an answer. Reads from far back take hundreds. */
const patience = 2000;

const nothing: Run = { messages: [], more: false };

/** Rejects with `Unreachable`. What one replica does not have another may: absence here is not absence. */
export class DirectGets {
  readonly #requests: Requests;
  readonly #json: Codec;

  constructor(requests: Requests, json: Codec) {
    this.#requests = requests;
    this.#json = json;
  }

  async bySeq(shard: number, seq: number): Promise<StoredMessage | undefined> {
    return this.#one(shard, { seq });
  }

  async firstOf(shard: number, subject: string): Promise<StoredMessage | undefined> {
    return this.#one(shard, { seq: 1, next_by_subj: subject });
  }

  /** What stands on the subject from `seq` on, at most `batch` messages or about `bytes`, at least one. */
  run(shard: number, subject: string, seq: number, batch: number, bytes: number): Promise<Run> {
    return this.#many(shard, { seq, next_by_subj: subject, batch, max_bytes: bytes });
  }

  /** The last message of each subject that has one. */
  async lasts(shard: number, subjects: readonly string[]): Promise<readonly StoredMessage[]> {
    return (await this.#many(shard, { multi_last: subjects, batch: subjects.length })).messages;
  }

  async #one(shard: number, question: Readonly<Record<string, string | number>>): Promise<StoredMessage | undefined> {
    let message: StoredMessage | undefined;
    await this.#ask(shard, question, (answer, status) => {
      if (status === 0) message = read(answer);
      else if (status !== notFound) throw refused(answer, status);
      return true;
    });
    return message;
  }

  async #many(shard: number, question: Readonly<Record<string, string | number | readonly string[]>>): Promise<Run> {
    const messages: StoredMessage[] = [];
    let run = nothing;
    await this.#ask(shard, question, (answer, status) => {
      if (status === 0) {
        messages.push(read(answer));
        return false;
      }
      if (status !== notFound && status !== endOfBatch) throw refused(answer, status);
      if (status === endOfBatch) {
        run = { messages, more: readHeader(answer.bytes, answer.headerEnd, "Nats-Num-Pending") !== "0" };
      }
      return true;
    });
    return run;
  }

  async #ask(
    shard: number,
    question: Readonly<Record<string, string | number | readonly string[]>>,
    take: (answer: Delivery, status: number) => boolean,
  ): Promise<void> {
    let failure: unknown;
    await this.#requests.ask(
      `$JS.API.DIRECT.GET.${streamName(shard)}`,
      this.#json.encode(question),
      patience,
      (answer, status) => {
        try {
          return take(answer, status);
        } catch (error) {
          failure = error;
          return true;
        }
      },
    );
    if (failure !== undefined) throw failure;
  }
}

function read(answer: Delivery): StoredMessage {
  const facts = readStoredFacts(answer.bytes, answer.headerEnd);
  const subject = readHeader(answer.bytes, answer.headerEnd, "Nats-Subject");
  if (facts === undefined || subject === undefined) throw new Unreachable("an answer without its place in the stream");
  return { subject, seq: facts.seq, time: facts.time, payload: answer.bytes.subarray(answer.headerEnd) };
}

function refused(answer: Delivery, status: number): Unreachable {
  const words = new TextDecoder("latin1").decode(answer.bytes.subarray(0, Math.min(answer.headerEnd, 200)));
  return new Unreachable(`the stream answered ${status}: ${words.split("\r\n")[0]}`);
}
