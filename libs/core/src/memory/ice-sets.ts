// TURN credentials of the whole cluster, shared by its nodes in memory.
import type { Clock } from "../ports/clock.ts";
import type { IceClaim, IceLook, IceSets } from "../ports/ice-sets.ts";
import { iceSetTimes } from "../ports/ice-sets.ts";
import type { LinkState } from "../ports/log.ts";
import { Expiring } from "./expiring.ts";
import type { Reach } from "./reach.ts";

interface Kept {
  readonly generation: number;
  readonly bytes: Uint8Array;
  readonly life: number;
}

/** What the nodes share, all of it by provider. */
export class IceShelf {
  readonly clock: Clock;
  readonly sets: Expiring<string, Kept>;
  /** Tokens of whoever fetches. */
  readonly locks: Expiring<string, string>;
  readonly waits: Expiring<string, true>;
  readonly fails: Expiring<string, number>;
  readonly generations: Expiring<string, number>;

  constructor(clock: Clock) {
    this.clock = clock;
    this.sets = new Expiring(clock);
    this.locks = new Expiring(clock);
    this.waits = new Expiring(clock);
    this.fails = new Expiring(clock);
    this.generations = new Expiring(clock);
  }

  clear(): void {
    for (const each of [this.sets, this.locks, this.waits, this.fails, this.generations]) each.clear();
  }
}

export class MemoryIceSets implements IceSets {
  readonly #reach: Reach;
  readonly #shelf: IceShelf;

  constructor(reach: Reach, shelf: IceShelf) {
    this.#reach = reach;
    this.#shelf = shelf;
  }

  get link(): LinkState {
    return this.#reach.link;
  }

  onLink(hear: (state: LinkState) => void): () => void {
    return this.#reach.onLink(hear);
  }

  read(provider: string): Promise<IceLook> {
    return this.#reach.ask(() => {
      const { sets } = this.#shelf;
      const fails = this.#shelf.fails.get(provider) ?? 0;
      const kept = sets.get(provider);
      const left = sets.leftOf(provider);
      return kept === undefined || left <= 0 ? { fails } : { set: { ...kept, left }, fails };
    });
  }

  claim(provider: string, token: string): Promise<IceClaim> {
    return this.#reach.ask(() => {
      const { sets, locks, waits, fails } = this.#shelf;
      const wait = waits.leftOf(provider);
      if (wait > 0) return { is: "backoff", wait };
      const kept = sets.get(provider);
      if (kept !== undefined && sets.leftOf(provider) > kept.life / 2) return { is: "fresh" };
      if (locks.leftOf(provider) > 0) return { is: "busy" };
      locks.set(provider, token, iceSetTimes.claim);
      return { is: "yours", fails: fails.get(provider) ?? 0 };
    });
  }

  commit(provider: string, token: string, bytes: Uint8Array, life: number): Promise<number | undefined> {
    const kept = Uint8Array.from(bytes);
    return this.#reach.ask(() => {
      const { clock, sets, waits, fails, generations } = this.#shelf;
      if (!this.#release(provider, token)) return undefined;
      // By the time as well: whoever saw sets that an emptied memory forgot must take the next one for newer.
      const generation = Math.max((generations.get(provider) ?? 0) + 1, clock.now());
      generations.set(provider, generation, iceSetTimes.memory);
      sets.set(provider, { generation, bytes: kept, life }, life);
      waits.delete(provider);
      fails.delete(provider);
      return generation;
    });
  }

  fail(provider: string, token: string, wait: number): Promise<boolean> {
    return this.#reach.ask(() => {
      if (!this.#release(provider, token)) return false;
      const { waits, fails } = this.#shelf;
      fails.set(provider, (fails.get(provider) ?? 0) + 1, iceSetTimes.memory);
      waits.set(provider, true, wait);
      return true;
    });
  }

  /** False: the lock is not the caller's any more. */
  #release(provider: string, token: string): boolean {
    const { locks } = this.#shelf;
    if (locks.leftOf(provider) <= 0 || locks.get(provider) !== token) return false;
    locks.delete(provider);
    return true;
  }
}
