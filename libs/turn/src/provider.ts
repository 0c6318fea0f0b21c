// What a service that hands out TURN credentials is to whoever fetches them.
import type { IceExpiry, IceSet } from "./ice-set.ts";

/** How an attempt ended (spec 1.6). `why` is for logs: it names a status or a broken rule, never what was answered. */
export type FetchOutcome =
  | {
      readonly class: "ok";
      readonly set: IceSet /** Seconds from now that the credential serves. */;
      readonly ttl: number;
    }
  | { readonly class: "transient" | "bad" | "refused"; readonly why: string }
  | {
      readonly class: "throttled";
      readonly why: string /** Milliseconds, where the service said so. */;
      readonly wait?: number;
    };

export interface FetchingProvider {
  readonly id: string;
  readonly expiry: IceExpiry;
  /** One attempt. Never rejects, and ends within 5 s. `previous` is the last good set of the cluster. */
  fetch(previous: IceSet | undefined): Promise<FetchOutcome>;
}
