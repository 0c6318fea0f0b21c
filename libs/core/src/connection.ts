// The one socket that speaks for a session, as core sees it, and where it came from.
import type { Close, Event, Realm } from "@heliograph/protocol";

/** Both methods return at once and never throw; after `close` nothing is delivered. */
export interface Connection {
  /** Events of one call order reach the client in that order. The same object may be given to many connections. */
  deliver(event: Event): void;
  close(why: Close): void;
  /** Something waits for the client to read: what can be told later is told later. */
  readonly slow?: boolean;
}

/** What the door knows of a client before its first frame. */
export interface Origin {
  readonly realm: Realm;
  readonly dialect: string;
  /** Milliseconds between a lost connection and `left`: the dialect's. */
  readonly grace: number;
  /** A digest of the client's address: what bans and guess counters go by. */
  readonly address: string;
  /** Proven by whoever authenticated the client; absent: anonymous. */
  readonly user?: string;
}
