// The JetStream API as far as the bus needs it: what a stream is, making it, and what its leader has.
import type { Codec, PlainObject, PlainValue } from "@heliograph/codec";
import { Unreachable } from "@heliograph/core";
import type { Requests } from "../link/requests.ts";
import { isList } from "../wire/fields.ts";
import { streamName } from "./subjects.ts";

export interface StreamFacts {
  readonly config: PlainObject;
  readonly firstSeq: number;
  /** Milliseconds since 1970; undefined while nothing is stored. */
  readonly firstTime: number | undefined;
  readonly lastSeq: number;
  /** The server's own time as it answered. */
  readonly now: number | undefined;
  readonly lastTime: number | undefined;
}

/** What the servers said instead of an answer. Codes: https://docs.nats.io/reference/reference-protocols/nats_api_reference */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: number;

  constructor(code: number, description: string) {
    super(description);
    this.code = code;
  }
}

export const apiErrors = { streamNotFound: 10_059, messageNotFound: 10_037 } as const;

/** Milliseconds for an answer. None comes during an election: whoever needs one asks again. */
const patience = 1000;

export class StreamApi {
  readonly #requests: Requests;
  readonly #json: Codec;

  constructor(requests: Requests, json: Codec) {
    this.#requests = requests;
    this.#json = json;
  }

  /** Undefined: there is no such stream. Rejects with `Unreachable` or `ApiError`, as all of these. */
  async info(shard: number): Promise<StreamFacts | undefined> {
    try {
      return factsIn(await this.#ask(`$JS.API.STREAM.INFO.${streamName(shard)}`, {}));
    } catch (error) {
      if (error instanceof ApiError && error.code === apiErrors.streamNotFound) return undefined;
      throw error;
    }
  }

  /** Nothing happens when the stream is there with the same configuration. */
  async create(shard: number, config: PlainObject): Promise<StreamFacts> {
    return factsIn(await this.#ask(`$JS.API.STREAM.CREATE.${streamName(shard)}`, config));
  }

  /** What the stream's leader has at the sequence; undefined: nothing. */
  async message(shard: number, seq: number): Promise<{ readonly subject: string; readonly time: number } | undefined> {
    try {
      const { message } = await this.#ask(`$JS.API.STREAM.MSG.GET.${streamName(shard)}`, { seq });
      const { subject, time } = objectOf(message);
      const at = typeof time === "string" ? Date.parse(time) : Number.NaN;
      if (typeof subject !== "string" || Number.isNaN(at)) throw new Unreachable("a message without subject or time");
      return { subject, time: at };
    } catch (error) {
      if (error instanceof ApiError && error.code === apiErrors.messageNotFound) return undefined;
      throw error;
    }
  }

  async #ask(subject: string, question: PlainObject): Promise<PlainObject> {
    let answer: PlainObject = {};
    const outcome = await this.#requests.ask(subject, this.#json.encode(question), patience, ({ bytes, headerEnd }) => {
      const decoded = this.#json.decode(bytes.subarray(headerEnd));
      answer = decoded.ok ? objectOf(decoded.value) : {};
      return true;
    });
    if (outcome !== "answered") throw new Unreachable(`${subject}: ${outcome}`);
    const { error } = answer;
    if (error === undefined) return answer;
    const { err_code: code, description } = objectOf(error);
    throw new ApiError(typeof code === "number" ? code : 0, typeof description === "string" ? description : "");
  }
}

function factsIn(answer: PlainObject): StreamFacts {
  const state = objectOf(answer["state"]);
  return {
    config: objectOf(answer["config"]),
    firstSeq: numberOf(state["first_seq"]),
    firstTime: timeOf(state["first_ts"]),
    lastSeq: numberOf(state["last_seq"]),
    now: timeOf(answer["ts"]),
    lastTime: timeOf(state["last_ts"]),
  };
}

export function objectOf(value: PlainValue | undefined): PlainObject {
  return typeof value === "object" && value !== null && !isList(value) ? value : {};
}

function numberOf(value: PlainValue | undefined): number {
  return typeof value === "number" ? value : 0;
}

/** The server writes the year 1 for never. */
function timeOf(value: PlainValue | undefined): number | undefined {
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return time > 0 ? time : undefined;
}
