// The streams of a deployment: made where they are missing, refused where they are not what this node was told.
import type { PlainObject, PlainValue } from "@heliograph/codec";
import type { Clock } from "@heliograph/core";
import { Unreachable } from "@heliograph/core";
import { BusRefused } from "../bus-refused.ts";
import type { BusOptions } from "../options.ts";
import type { StreamApi } from "./api.ts";
import { ApiError, objectOf } from "./api.ts";
import { streamName, streamSource, streamTarget } from "./subjects.ts";

/** Under which a stream remembers how many there are: a room's stream follows from it. */
const shardsMark = "heliograph.shards";
/** Milliseconds between two looks at a stream that does not answer, and between attempts to open all of them. */
const lookPause = 500;

export interface StreamsPorts {
  readonly clock: Clock;
  fault(where: string, error: unknown): void;
}

/** Refusals that waiting does not heal, and what does. */
const mendings: Readonly<Record<number, string>> = {
  10039: "JetStream is not enabled for this account: enable it, or connect as a user of an account that has it",
  10076: "JetStream is not enabled: start the servers with `jetstream { store_dir: … }`",
  10074:
    "a single nats-server cannot keep replicas: set nats.replicas to 1, or start a cluster of at least so many servers",
  10065: "another stream takes the subjects `hg.in.>`: remove it, or give Heliograph an account of its own",
  10047:
    "the servers have less storage than nats.maxBytes asks for each stream: raise their max_file or lower nats.maxBytes",
  10023: "the servers have no resources for the streams: raise their JetStream limits or lower nats.maxBytes",
  10028: "the account's limit of storage is below what the streams ask for: raise it or lower nats.maxBytes",
};

export class Streams {
  readonly #options: BusOptions;
  readonly #api: StreamApi;
  readonly #ports: StreamsPorts;
  readonly #looking = new Set<number>();

  constructor(options: BusOptions, api: StreamApi, ports: StreamsPorts) {
    this.#options = options;
    this.#api = api;
    this.#ports = ports;
  }

  /** Every stream is there and right. Rejects with `BusRefused`; or with what else went wrong, and then asking again is right. */
  async open(): Promise<void> {
    for (let shard = 0; shard < this.#options.shards; shard += 1) await this.#ensure(shard);
    // A deployment that had more would leave rooms in streams that nobody looks into.
    const beyond = await this.#api.info(this.#options.shards);
    if (beyond !== undefined) this.#check(this.#options.shards, beyond.config);
  }

  /** Something stored in this stream got no answer: it may be gone with its storage. Made again, once it is known to be missing. */
  suspect(shard: number): void {
    if (this.#looking.has(shard)) return;
    this.#looking.add(shard);
    this.#ensure(shard)
      .catch((error: unknown) => {
        // Out of reach is what was known before; everything else is told.
        if (!(error instanceof Unreachable)) this.#ports.fault(`nats stream ${streamName(shard)}`, error);
      })
      .finally(() => {
        this.#ports.clock.after(lookPause, () => this.#looking.delete(shard));
      });
  }

  async #ensure(shard: number): Promise<void> {
    try {
      const there = (await this.#api.info(shard)) ?? (await this.#api.create(shard, this.#wanted(shard)));
      this.#check(shard, there.config);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const mending = mendings[error.code];
      if (mending === undefined) throw error;
      throw new BusRefused(`${streamName(shard)}: ${error.message}. ${mending}.`, { cause: error });
    }
  }

  #wanted(shard: number): PlainObject {
    const { shards, replicas, maxAge, maxBytes, storage } = this.#options;
    return {
      name: streamName(shard),
      subjects: [streamSource(shard)],
      republish: { src: streamSource(shard), dest: streamTarget(shard) },
      storage,
      num_replicas: replicas,
      max_age: maxAge * 1_000_000,
      max_bytes: maxBytes,
      max_msgs: -1,
      max_msgs_per_subject: -1,
      retention: "limits",
      discard: "old",
      allow_direct: true,
      metadata: { [shardsMark]: String(shards) },
    };
  }

  #check(shard: number, config: PlainObject): void {
    const { shards, replicas, maxAge, maxBytes } = this.#options;
    const name = streamName(shard);
    const made = objectOf(config["metadata"])[shardsMark];
    if (made !== String(shards)) {
      const count = made === undefined ? "by somebody else" : `for ${String(made)} shards`;
      throw new BusRefused(
        `${name} was made ${count}, and this node is configured for ${shards}. The number of shards is fixed for the life of a deployment: set nats.shards to what it was, or remove the streams while no node runs (all rooms end).`,
      );
    }
    const wanted = this.#wanted(shard);
    const edits: readonly (readonly [key: string, setting: string, edit: string])[] = [
      ["num_replicas", `nats.replicas is ${replicas}`, `--replicas=${replicas}`],
      ["max_age", `its entries should be kept for ${maxAge} ms (2.5 times the resume window)`, `--max-age=${maxAge}ms`],
      ["max_bytes", `nats.maxBytes is ${maxBytes}`, `--max-bytes=${maxBytes}`],
      ["discard", "the oldest entries must go first", "--discard=old"],
      ["allow_direct", "any replica must answer reads", "--allow-direct"],
      ["max_msgs", "only age and bytes may bound it", "--max-msgs=-1"],
      ["max_msgs_per_subject", "only age and bytes may bound it", "--max-msgs-per-subject=-1"],
    ];
    const wrong = edits.filter(([key]) => !same(config[key], wanted[key]));
    if (wrong.length > 0) {
      const what = wrong.map(([key, setting]) => `${key} is ${String(config[key])}, but ${setting}`).join("; ");
      throw new BusRefused(
        `${name} is not what this node is configured for: ${what}. Correct the setting, or the stream: nats stream edit ${name} ${wrong.map(([, , edit]) => edit).join(" ")}`,
      );
    }
    // What cannot be edited: the stream must be made again.
    const fixed = ["subjects", "republish", "storage", "retention"].filter((key) => !same(config[key], wanted[key]));
    if (fixed.length > 0) {
      throw new BusRefused(
        `${name} is not what this node is configured for: its ${fixed.join(" and ")} differ. Correct the setting (nats.storage), or remove the stream while no node runs: nats stream rm ${name}`,
      );
    }
  }
}

/** Whether what is there says everything that is wanted; further members are the server's own. */
function same(there: PlainValue | undefined, wanted: PlainValue | undefined): boolean {
  if (Array.isArray(wanted)) {
    return Array.isArray(there) && there.length === wanted.length && wanted.every((each, i) => same(there[i], each));
  }
  if (typeof wanted !== "object" || wanted === null) return there === wanted;
  const inside = objectOf(there);
  return Object.entries(wanted).every(([key, value]) => same(inside[key], value));
}
