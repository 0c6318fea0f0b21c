// Hands out STUN and TURN servers with credentials.
import type { IceGrant, Realm, SessionId } from "@heliograph/protocol";

/** Promise: answers from what the process already holds, at once and never by rejecting; at worst STUN or nothing. */
export interface TurnIssuer {
  grant(realm: Realm, session: SessionId): IceGrant;
  /** Grants handed out before are about to expire or were withdrawn: sessions get a new one. */
  onRenewal(listener: () => void): () => void;
}
