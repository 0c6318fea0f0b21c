// A service of credentials as several fetchers of one test ask it: it answers as it is told, and keeps who asked and when.
import type { Clock } from "@heliograph/core";
import type { IceSet } from "../src/ice-set.ts";
import type { FetchingProvider, FetchOutcome } from "../src/provider.ts";
import { iceSet } from "./fixtures.ts";

export interface Asked {
  readonly by: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly previous: IceSet | undefined;
}

export class ScriptedService {
  readonly id: string;
  readonly asked: Asked[] = [];
  /** What it says while it gives no credentials. */
  trouble: Exclude<FetchOutcome, { class: "ok" }> | undefined;
  /** Seconds. */
  ttl: number;
  accountEndsAt: number | undefined;
  readonly #clock: Pick<Clock, "now">;
  #held: Promise<void> | undefined;

  constructor(id: string, clock: Pick<Clock, "now">, ttl = 600) {
    this.id = id;
    this.#clock = clock;
    this.ttl = ttl;
  }

  /** Whoever asks from now on waits for the answer until it is let go; whoever asks later does not wait. */
  hold(): { letGo(): void } {
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    this.#held = held;
    return { letGo };
  }

  /** Whoever asks later is answered at once. */
  hurry(): void {
    this.#held = undefined;
  }

  /** The login that the request of that number is given. */
  static login(n: number): { readonly username: string; readonly password: string } {
    return { username: `user-${n}`, password: `pass-${n}` };
  }

  provider(by: number): FetchingProvider {
    return { id: this.id, expiry: "hard", fetch: (previous) => this.#fetch(by, previous) };
  }

  async #fetch(by: number, previous: IceSet | undefined): Promise<FetchOutcome> {
    this.asked.push({ by, at: this.#clock.now(), previous });
    const n = this.asked.length;
    await this.#held;
    if (this.trouble !== undefined) return this.trouble;
    const set = iceSet({ ...ScriptedService.login(n), session: `session-${n}` });
    const { accountEndsAt } = this;
    return { class: "ok", set, ttl: this.ttl, ...(accountEndsAt === undefined ? {} : { accountEndsAt }) };
  }
}
