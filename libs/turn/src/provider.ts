// What a service that hands out TURN credentials is to whoever fetches them.
import type { IceExpiry, IceSet } from "./ice-set.ts";
import type { Dropped } from "./ice-url.ts";

export interface FetchedSet {
  readonly class: "ok";
  readonly set: IceSet;
  /** Whole seconds from now that the credential serves; at least 120. */
  readonly ttl: number;
  /** URLs that were in the answer and are not in the set; absent: none. */
  readonly dropped?: readonly Dropped[];
  /** Milliseconds since 1970 at which the account ends, and not the credential, where the service tells it. */
  readonly accountEndsAt?: number;
}

/** `why` is for logs: it names a status or a broken rule, never what was sent or answered. */
export interface FetchFailed {
  /**
   * `transient`: no answer, or the service says that it cannot now. `refused`: waiting mends nothing. `bad`: an answer
   * that nobody may use.
   */
  readonly class: "transient" | "refused" | "bad";
  readonly why: string;
  readonly dropped?: readonly Dropped[];
}

export interface FetchThrottled {
  readonly class: "throttled";
  readonly why: string;
  /** Milliseconds, above 0 and at most 600 000, where the service named them. */
  readonly wait?: number;
}

/** How an attempt ended. */
export type FetchOutcome = FetchedSet | FetchFailed | FetchThrottled;

export interface FetchingProvider {
  readonly id: string;
  readonly expiry: IceExpiry;
  /** One attempt. Never rejects, and ends within 5 s. `previous` is the last good set of the cluster. */
  fetch(previous: IceSet | undefined): Promise<FetchOutcome>;
}
