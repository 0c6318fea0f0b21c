// Asks for the last entries of many rooms at once, of a replica that is known to be current.
import type { Clock } from "@heliograph/core";
import { Unreachable } from "@heliograph/core";
import type { DirectGets } from "./direct-gets.ts";
import type { Markers } from "./markers.ts";

export interface Tail {
  readonly seq: number;
  readonly time: number;
}

interface Asking {
  readonly subject: string;
  readonly resolve: (tail: Tail | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Rooms asked for in one question; the server takes up to 1,024. */
const together = 256;
/** Milliseconds between two questions to replicas that lag, and how many before a new marker is asked for. */
const lagPause = 20;
const lagTries = 25;
/** Questions after which a tail counts as out of reach. */
const mostTries = 100;

/** A replica may lag behind what was acknowledged: one that has our last marker has everything before it. */
export class Tails {
  readonly #shard: number;
  readonly #gets: Pick<DirectGets, "lasts">;
  readonly #markers: Pick<Markers, "subject" | "latest" | "prove">;
  readonly #clock: Clock;
  #asking: Asking[] = [];

  constructor(
    shard: number,
    gets: Pick<DirectGets, "lasts">,
    markers: Pick<Markers, "subject" | "latest" | "prove">,
    clock: Clock,
  ) {
    this.#shard = shard;
    this.#gets = gets;
    this.#markers = markers;
    this.#clock = clock;
  }

  /** Undefined: no entry of the room is stored. */
  of(subject: string): Promise<Tail | undefined> {
    return new Promise((resolve, reject) => {
      this.#asking.push({ subject, resolve, reject });
      if (this.#asking.length === 1) this.#clock.endOfTurn(this.#ask);
    });
  }

  readonly #ask = (): void => {
    const asking = this.#asking;
    this.#asking = [];
    for (let at = 0; at < asking.length; at += together) void this.#settle(asking.slice(at, at + together));
  };

  async #settle(asking: readonly Asking[]): Promise<void> {
    try {
      const tails = await this.#current(asking.map(({ subject }) => subject));
      for (const { subject, resolve } of asking) resolve(tails.get(subject));
    } catch (error) {
      for (const { reject } of asking) reject(error);
    }
  }

  async #current(subjects: readonly string[]): Promise<ReadonlyMap<string, Tail>> {
    const { subject: marker } = this.#markers;
    for (let tries = 1; tries <= mostTries; tries += 1) {
      const { latest } = this.#markers;
      const asked = latest === 0 ? subjects : [marker, ...subjects];
      const tails = new Map<string, Tail>();
      for (const { subject, seq, time } of await this.#gets.lasts(this.#shard, asked))
        tails.set(subject, { seq, time });
      if (latest === 0 || (tails.get(marker)?.seq ?? 0) >= latest) return tails;
      // The marker may be of an earlier life of the stream, which no replica will ever reach.
      if (tries % lagTries === 0) this.#markers.prove(() => undefined);
      await new Promise<void>((resolve) => this.#clock.after(lagPause, resolve));
    }
    throw new Unreachable("every replica that answers is behind");
  }
}
