// Reads single messages and runs of them out of a stream, from whichever replica answers.
import type { Codec } from "@heliograph/codec";
import { Unreachable } from "@heliograph/core";
import type { Delivery } from "../link/nats-link.ts";
import type { Requests } from "../link/requests.ts";
import { headerMark, readHeader, readStoredFacts } from "./stored-headers.ts";
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

const subjectMark = headerMark("Nats-Subject");
const pendingMark = headerMark("Nats-Num-Pending");
const endOfBatch = 204;
const notFound = 404;
/**
 * Milliseconds without an answer, and then of a second question: the replica that was drawn may stand still, and the
 * next one is another. Reads from far back take hundreds.
 */
const patience = { near: [400, 1500], far: [1000, 3000] } as const;

type Question = Readonly<Record<string, string | number | readonly string[]>>;

/** Rejects with `Unreachable`. What one replica does not have another may: absence here is not absence. */
export class DirectGets {
  readonly #requests: Requests;
  readonly #json: Codec;

  constructor(requests: Requests, json: Codec) {
    this.#requests = requests;
    this.#json = json;
  }

  async bySeq(shard: number, seq: number): Promise<StoredMessage | undefined> {
    return this.#one(shard, { seq }, patience.near);
  }

  async firstOf(shard: number, subject: string): Promise<StoredMessage | undefined> {
    return this.#one(shard, { seq: 1, next_by_subj: subject }, patience.far);
  }

  /** What stands on the subject from `seq` on, at most `batch` messages or about `bytes`, at least one. */
  run(shard: number, subject: string, seq: number, batch: number, bytes: number): Promise<Run> {
    return this.#many(shard, { seq, next_by_subj: subject, batch, max_bytes: bytes }, patience.far);
  }

  /** The last message of each subject that has one. */
  async lasts(shard: number, subjects: readonly string[]): Promise<readonly StoredMessage[]> {
    return (await this.#many(shard, { multi_last: subjects, batch: subjects.length }, patience.near)).messages;
  }

  async #one(shard: number, question: Question, patiences: readonly number[]): Promise<StoredMessage | undefined> {
    const { messages } = await this.#ask(shard, question, patiences, (answer, status, messages) => {
      if (status === 0) messages.push(read(answer));
      else if (status !== notFound) throw refused(answer, status);
      return { more: false };
    });
    return messages[0];
  }

  #many(shard: number, question: Question, patiences: readonly number[]): Promise<Run> {
    return this.#ask(shard, question, patiences, (answer, status, messages) => {
      if (status === 0) {
        messages.push(read(answer));
        return undefined;
      }
      if (status === notFound) return { more: false };
      if (status !== endOfBatch) throw refused(answer, status);
      return { more: readHeader(answer.bytes, answer.headerEnd, pendingMark) !== "0" };
    });
  }

  /** `take` puts what an answer holds into the list; something else than undefined: it was the last one. */
  async #ask(
    shard: number,
    question: Question,
    patiences: readonly number[],
    take: (answer: Delivery, status: number, messages: StoredMessage[]) => { readonly more: boolean } | undefined,
  ): Promise<Run> {
    const subject = `$JS.API.DIRECT.GET.${streamName(shard)}`;
    const payload = this.#json.encode(question);
    for (const patience of patiences) {
      const messages: StoredMessage[] = [];
      let more = false;
      let failure: unknown;
      const outcome = await this.#requests.ask(subject, payload, patience, (answer, status) => {
        try {
          const last = take(answer, status, messages);
          more = last?.more === true;
          return last !== undefined;
        } catch (error) {
          failure = error;
          return true;
        }
      });
      if (failure !== undefined) throw failure;
      if (outcome === "answered") return { messages, more };
      if (outcome !== "silent") throw new Unreachable(`${subject}: ${outcome}`);
    }
    throw new Unreachable(`no answer to ${subject}`);
  }
}

function read(answer: Delivery): StoredMessage {
  const facts = readStoredFacts(answer.bytes, answer.headerEnd);
  const subject = readHeader(answer.bytes, answer.headerEnd, subjectMark);
  if (facts === undefined || subject === undefined) throw new Unreachable("an answer without its place in the stream");
  return { subject, seq: facts.seq, time: facts.time, payload: answer.bytes.subarray(answer.headerEnd) };
}

function refused(answer: Delivery, status: number): Unreachable {
  const words = new TextDecoder("latin1").decode(answer.bytes.subarray(0, Math.min(answer.headerEnd, 200)));
  return new Unreachable(`the stream answered ${status}: ${words.split("\r\n")[0]}`);
}
