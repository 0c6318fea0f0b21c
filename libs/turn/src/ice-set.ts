// What a provider of TURN gives: one username and password, and the servers they open, by zone.
import type { IceExpiry } from "@heliograph/protocol";

/** A named group of TURN URLs, normally a region. */
export interface TurnZone {
  /** Names it on the wire. */
  readonly id: string;
  /** The smallest is preferred. */
  readonly priority: number;
  readonly label?: string;
  /** The label by language (BCP 47). */
  readonly labels?: Readonly<Record<string, string>>;
  /** Usable, and offered to nobody. */
  readonly hidden?: boolean;
  /** `turn:` and `turns:` URLs (RFC 7065), repaired and checked; never empty. */
  readonly urls: readonly string[];
  /** Labels of the regions whose nodes prefer it. */
  readonly regions?: readonly string[];
}

/** One login with the servers it opens. Holds a password: never logged. */
export interface IceSet {
  readonly username: string;
  readonly password: string;
  /** Never empty; one zone `default` where the provider knows none. All of them take the login. */
  readonly zones: readonly TurnZone[];
  /** `stun:` and `stuns:` URLs (RFC 7064). */
  readonly stun: readonly string[];
  /** Where a client may ask which zone is near: https, and on a host that the provider may speak for. */
  readonly geo?: string;
  /** The provider's own conversation, for its next fetch (the remote service of Spreed WebRTC). Never given to a client. */
  readonly session?: string;
}

/** A set as it can be used now. */
export interface HeldSet {
  readonly set: IceSet;
  /** Grows with every set that a provider's source has held. */
  readonly generation: number;
  /** Milliseconds since 1970 by this process' clock after which it is not given out; undefined: it does not end. */
  readonly endsAt?: number;
}

/** What expires with a credential: nothing; the right to new allocations; running relays too. */
export type { IceExpiry };
