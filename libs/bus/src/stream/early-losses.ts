// Whether streams throw entries away before their time, because they are full: resumes then find less than they were promised.
import type { Clock, Random, Timer } from "@heliograph/core";
import type { StreamApi } from "./api.ts";

/** Milliseconds between two looks at all streams, at least and at most. */
const lookEvery = [12_000, 18_000] as const;
/** Several looks within the life of an entry, however short it is set: one that is gone between two must still have been young. */
const looksPerLife = 4;
/** Part of its life after which nobody calls a loss early: leaders of a stream have clocks of their own. */
const inTime = 0.95;

export interface EarlyLossesPorts {
  readonly api: Pick<StreamApi, "info">;
  readonly clock: Clock;
  readonly random: Random;
  readonly shards: number;
  /** Milliseconds that streams are to keep entries. */
  readonly maxAge: number;
  /** So many bundles went before their time; what the stream has left reaches back for `reach` milliseconds. */
  lost(shard: number, bundles: number, reach: number): void;
}

/** The oldest bundle of a stream at the last look. */
interface Oldest {
  readonly seq: number;
  readonly time: number;
}

/** Looks until it is ended. A stream that cannot be asked, or that began anew, says nothing this time. */
export class EarlyLosses {
  readonly #ports: EarlyLossesPorts;
  readonly #oldest = new Map<number, Oldest>();
  #timer: Timer | undefined;
  #ended = false;

  constructor(ports: EarlyLossesPorts) {
    this.#ports = ports;
    this.#later();
  }

  end(): void {
    this.#ended = true;
    this.#timer?.cancel();
  }

  #later(): void {
    const { clock, random, maxAge } = this.#ports;
    const [least, most] = lookEvery;
    const wait = Math.min(least + random.fraction() * (most - least), maxAge / looksPerLife);
    this.#timer = clock.after(wait, () => void this.#look());
  }

  async #look(): Promise<void> {
    for (let shard = 0; shard < this.#ports.shards && !this.#ended; shard += 1) await this.#lookAt(shard);
    if (!this.#ended) this.#later();
  }

  async #lookAt(shard: number): Promise<void> {
    const { api, maxAge, lost } = this.#ports;
    const facts = await api.info(shard).catch(() => undefined);
    if (facts?.now === undefined || this.#ended) return;
    const before = this.#oldest.get(shard);
    const { firstSeq: seq, firstTime: time, now } = facts;
    if (time === undefined) this.#oldest.delete(shard);
    else this.#oldest.set(shard, { seq, time });
    if (before === undefined || seq <= before.seq || now - before.time >= maxAge * inTime) return;
    lost(shard, seq - before.seq, time === undefined ? 0 : Math.max(0, now - time));
  }
}
