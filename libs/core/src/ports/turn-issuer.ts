// Hands out STUN and TURN servers with credentials (RFC 8489, RFC 8656).
import type { IceGrant, IceWish, Realm, SessionId } from "@heliograph/protocol";

/** Who asks, as far as it decides what is granted. */
export interface IceAsker {
  readonly realm: Realm;
  readonly session: SessionId;
  /** Proven by whoever authenticated the session; absent: anonymous. */
  readonly user?: string;
  /** A digest of the client's address. */
  readonly address: string;
}

/** `greeting`: a new session. `resume`: one that came from another connection. `push`: without being asked. */
export type IceOccasion = "greeting" | "resume" | "request" | "push";

export interface IceIssued {
  /** Degraded, and without an end: this session has STUN only by who it is, and no news will mend that. */
  readonly grant: IceGrant;
  /** Of whatever the grant was made from: a later one is news to the session. */
  readonly generation: number;
  /** Made for everybody: a push is worth sending only when the generation is newer. */
  readonly shared: boolean;
}

/** `withdrawn`: grants up to this generation serve no longer, and whoever holds one is told at once. */
export interface IceChange {
  readonly generation: number;
  readonly state: "off" | "starting" | "fresh" | "stale" | "stun-only";
  readonly withdrawn?: number;
}

/** Promise: answers from what the process already holds, at once and without throwing; at worst STUN or nothing. */
export interface TurnIssuer {
  grant(asker: IceAsker, wish: IceWish, occasion: IceOccasion): IceIssued;
  readonly state: IceChange["state"];
  /** Sessions may deserve a new grant. */
  onChange(listener: (change: IceChange) => void): () => void;
}
