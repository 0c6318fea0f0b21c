// What the REST API asks of the door: sessions may be connected to any node, and requests come to any other.
import type { SessionId } from "@heliograph/protocol";

/** Nothing here rejects: where the cluster cannot be asked the answer is no. */
export interface LoginDesk {
  /** The session is connected somewhere and is no user yet. */
  awaitsLogin(session: SessionId): Promise<boolean>;
  /** Brings the nonce to the session's connection, where the newest counts. False: it is not on its way. */
  bring(session: SessionId, nonce: string): Promise<boolean>;
}

/**
 * Why nobody was logged in or registered: for logs and counters of the operator, since the client is told one word for
 * all of them. `path`: another session than the body's; `pair`: its Sid is of no key of ours; `session`: not connected,
 * a user already, or out of reach.
 */
export type LoginRefusal = "body" | "path" | "pair" | "session" | "malformed" | "unproven" | "expired";
