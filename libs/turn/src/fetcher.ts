// Fetches one provider's sets for the whole cluster, so that of all who could only one asks the service at a time.
import type { Clock, IceClaim, IceFetched, IceSets, Nodes, Observer, Random, Timer } from "@heliograph/core";
import { Unreachable } from "@heliograph/core";
import { HeldShare } from "./held-share.ts";
import type { HeldSet } from "./ice-set.ts";
import { Looks } from "./looks.ts";
import { pauseAfter } from "./pause.ts";
import type { FetchedSet, FetchFailed, FetchingProvider, FetchOutcome } from "./provider.ts";
import type { SharedSet } from "./set-bytes.ts";
import { writeSet } from "./set-bytes.ts";
import type { SharingTimes } from "./sharing-times.ts";
import { sharingTimes } from "./sharing-times.ts";

export interface FetcherPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly sets: IceSets;
  readonly nodes: Pick<Nodes, "sayIceSet" | "onIceSet">;
  /** Told of every attempt (`ice_fetched`) and of URLs that were dropped, never of a credential. */
  readonly observer: Observer;
}

/** A claim of ours. */
interface Claim {
  readonly token: string;
  readonly fails: number;
}

/** Fetched, and not in the memory. */
interface Own {
  readonly shared: SharedSet;
  /** By this process's clock: until when the memory would keep it. */
  readonly endsAt: number;
}

/**
 * Looks, claims, fetches once, and commits or fails. What the memory did not take while it was out of reach is kept until
 * it has a set again: committed if it comes back without one, dropped if it has one. An end of the process leaves the
 * claim to run out.
 */
export class Fetcher {
  readonly #provider: FetchingProvider;
  readonly #ports: FetcherPorts;
  readonly #times: SharingTimes;
  readonly #looks: Looks;
  readonly #held: HeldShare;
  readonly #ends: (() => void)[];
  /** Set while an attempt is under way: when it counts as lost. */
  #attempt: Timer | undefined;
  #own: Own | undefined;
  /** Set while the memory is out of reach: until that has lasted long enough to go on alone. */
  #gone: Timer | undefined;
  #alone = false;
  /** Set after an attempt that was made alone, until the next one may be. */
  #aloneAgain: Timer | undefined;
  #closed = false;

  constructor(provider: FetchingProvider, ports: FetcherPorts, times = sharingTimes) {
    const { clock, random, sets, nodes } = ports;
    this.#provider = provider;
    this.#ports = ports;
    this.#times = times;
    this.#looks = new Looks(() => this.#look(), clock, random, times);
    this.#held = new HeldShare({ clock, fault: (where, error) => this.#fault(where, error), onEnd: () => undefined });
    this.#ends = [
      sets.onLink((link) => {
        if (link === "down") this.#lost();
        else this.#looks.now();
      }),
      nodes.onIceSet((hint) => {
        if (hint.provider === provider.id && hint.generation !== this.#held.generation) this.#looks.now();
      }),
    ];
  }

  start(): void {
    if (this.#ports.sets.link === "down") this.#lost();
    this.#looks.now();
  }

  /** What the cluster hands out now, as far as it is known here; for probes. */
  get held(): HeldSet | undefined {
    return this.#held.now;
  }

  /** Milliseconds since 1970 at which the account at the service ends, where it said so. */
  get accountEndsAt(): number | undefined {
    return this.#held.last?.accountEndsAt;
  }

  close(): void {
    this.#closed = true;
    this.#looks.stop();
    this.#held.close();
    for (const end of this.#ends) end();
    for (const timer of [this.#attempt, this.#gone, this.#aloneAgain]) timer?.cancel();
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    const { clock, sets } = this.#ports;
    const { id } = this.#provider;
    try {
      const askedAt = clock.now();
      const { set } = await sets.read(id);
      this.#reached();
      if (set !== undefined) {
        // It may be anybody's, and everybody has the same.
        if (this.#held.take(set, askedAt, this.#own !== undefined)) this.#own = undefined;
        if (set.left > set.life / 2) return;
      }
      if (this.#attempt !== undefined) return;
      const token = tokenOf(this.#ports.random);
      this.#claimed(token, await sets.claim(id, token));
    } catch (error) {
      if (error instanceof Unreachable) this.#lost();
      else this.#fault("looking for shared TURN credentials", error);
    }
    if (this.#alone) this.#goAlone();
  }

  #claimed(token: string, claim: IceClaim): void {
    if (this.#closed) return;
    switch (claim.is) {
      case "yours":
        void this.#fulfil({ token, fails: claim.fails });
        return;
      case "backoff":
        // Whoever comes first after the pause tries.
        this.#looks.within(claim.wait + 1);
        return;
      case "fresh":
      case "busy":
        return;
      default:
        claim satisfies never;
    }
  }

  /** Never rejects. */
  async #fulfil(claim: Claim): Promise<void> {
    const own = this.#own;
    if (own !== undefined && own.endsAt - this.#ports.clock.now() >= this.#shortestLife) {
      try {
        await this.#commit(claim, own);
      } catch (error) {
        this.#unstored(error);
      }
      return;
    }
    this.#own = undefined;
    await this.#fetch(claim);
  }

  get #shortestLife(): number {
    return this.#times.shortest - this.#times.margin;
  }

  /** One attempt. Without a claim it is made for this process alone. Never rejects. */
  async #fetch(claim: Claim | undefined): Promise<void> {
    const { clock } = this.#ports;
    const began = clock.now();
    const attempt = clock.after(this.#times.attempt, () => this.#over(attempt));
    this.#attempt = attempt;
    const outcome = await this.#ask();
    if (this.#closed) return;
    this.#over(attempt);
    const ms = Math.max(0, clock.now() - began);
    for (const { reason, count } of dropsOf(outcome)) {
      this.#ports.observer.observe({ type: "ice_urls_dropped", provider: this.#provider.id, reason, count });
    }
    try {
      if (outcome.class === "ok") await this.#succeeded(outcome, claim, ms);
      else if (claim === undefined) this.#tell(outcome.class, ms, { why: outcome.why });
      else {
        this.#tell(outcome.class, ms, { why: outcome.why });
        const wait = pauseAfter(outcome, claim.fails + 1, this.#ports.random.fraction());
        await this.#ports.sets.fail(this.#provider.id, claim.token, wait);
        this.#looks.within(wait + 1);
      }
    } catch (error) {
      this.#unstored(error);
    }
  }

  /** What a service gave for less time than a set is worth storing for is no set. */
  async #ask(): Promise<FetchOutcome> {
    try {
      const outcome = await this.#provider.fetch(this.#held.last?.set);
      if (outcome.class !== "ok" || outcome.ttl * 1_000 >= this.#times.shortest) return outcome;
      return { class: "bad", why: `a life of ${outcome.ttl} s` };
    } catch (error) {
      // Its words may hold what was sent, and with it a key: they go nowhere.
      const kind = error instanceof Error ? error.name : typeof error;
      this.#fault("a provider of TURN credentials", new Error(`an attempt of ${this.#provider.id} rejected: ${kind}`));
      return { class: "transient", why: "the attempt broke off" };
    }
  }

  async #succeeded({ set, ttl, accountEndsAt }: FetchedSet, claim: Claim | undefined, ms: number): Promise<void> {
    const life = ttl * 1_000 - this.#times.margin;
    const own: Own = {
      shared: { set, ...(accountEndsAt === undefined ? {} : { accountEndsAt }) },
      endsAt: this.#ports.clock.now() + life,
    };
    if (claim === undefined) {
      this.#keep(own, life);
      this.#tell("isolated", ms);
      // The memory may be back by now.
      if (!this.#alone) this.#looks.now();
      return;
    }
    let generation: number | undefined;
    try {
      generation = await this.#commit(claim, own);
    } catch (error) {
      // Stored or not, nobody knows: the next look tells.
      this.#keep(own, life);
      this.#tell("ok", ms);
      throw error;
    }
    if (generation === undefined) this.#tell("late", ms);
    else this.#tell("ok", ms, { generation });
  }

  /** Undefined: the claim was lost, and what was fetched is thrown away. Rejects with `Unreachable`. */
  async #commit({ token }: Claim, own: Own): Promise<number | undefined> {
    const { clock, sets, nodes } = this.#ports;
    const { id } = this.#provider;
    const life = own.endsAt - clock.now();
    const generation = await sets.commit(id, token, writeSet(own.shared), life);
    this.#own = undefined;
    if (generation === undefined) this.#looks.now();
    else {
      this.#held.keep(own.shared, generation, own.endsAt, life);
      nodes.sayIceSet({ provider: id, generation });
    }
    return generation;
  }

  #keep(own: Own, life: number): void {
    this.#own = own;
    this.#held.keep(own.shared, this.#held.generation + 1, own.endsAt, life);
  }

  #goAlone(): void {
    if (this.#attempt !== undefined || this.#aloneAgain !== undefined) return;
    if (this.#held.left > 0 && this.#held.left >= this.#held.life / 4) return;
    this.#aloneAgain = this.#ports.clock.after(this.#times.aloneAgain, () => {
      this.#aloneAgain = undefined;
      this.#looks.now();
    });
    void this.#fetch(undefined);
  }

  #over(attempt: Timer): void {
    attempt.cancel();
    if (this.#attempt === attempt) this.#attempt = undefined;
  }

  #reached(): void {
    this.#gone?.cancel();
    this.#gone = undefined;
    this.#alone = false;
  }

  #lost(): void {
    if (this.#closed || this.#gone !== undefined || this.#alone) return;
    this.#gone = this.#ports.clock.after(this.#times.alone, () => {
      this.#gone = undefined;
      this.#alone = true;
      this.#looks.now();
    });
  }

  #unstored(error: unknown): void {
    if (error instanceof Unreachable) this.#lost();
    else this.#fault("storing TURN credentials", error);
  }

  #tell(outcome: IceFetched, ms: number, more: { readonly why?: string; readonly generation?: number } = {}): void {
    this.#ports.observer.observe({ type: "ice_fetched", provider: this.#provider.id, outcome, ms, ...more });
  }

  #fault(where: string, error: unknown): void {
    this.#ports.observer.observe({ type: "fault", where, error });
  }
}

function dropsOf(outcome: FetchOutcome): NonNullable<FetchFailed["dropped"]> {
  return outcome.class === "throttled" ? [] : (outcome.dropped ?? []);
}

function tokenOf(random: Pick<Random, "bytes">): string {
  return Array.from(random.bytes(16), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
