// What happened around STUN and TURN. Providers, zones and peers are named by the operator: no login, user or client is here.
import type { IceOccasion } from "./turn-issuer.ts";

/** Why a session got less than it asked for. */
export type IceShortfall = "stun_only" | "limited" | "anonymous" | "blocked";

/** How an attempt at a provider ended. `late`: the claim was lost meanwhile. `isolated`: made without the memory, for itself. */
export type IceFetched = "ok" | "transient" | "throttled" | "refused" | "bad" | "late" | "isolated";

/** Which rule dropped a URL that a provider gave. */
export type IceUrlFault = "port" | "syntax" | "transport" | "duplicate" | "limit";

/** As probes and clients see it: of STUN (RFC 8489), of TURN (RFC 8656), or no answer. */
export type IceProbeEnd = "up" | "timeout" | "unreachable" | number;

export type IceHappening =
  /** Told by the issuer for each grant it makes, and by whoever gives STUN in its place because of a limit. */
  | {
      readonly type: "ice_granted";
      /** Absent: STUN alone, or nothing. */
      readonly provider?: string;
      readonly zone?: string;
      readonly occasion: IceOccasion;
      readonly shortfall?: IceShortfall;
    }
  /** A question beyond a limit, whatever was answered. */
  | { readonly type: "ice_limited"; readonly by: "session" | "user" | "address" }
  /** A session was told without asking. `lag`: milliseconds from the moment it was due. */
  | { readonly type: "ice_pushed"; readonly lag: number }
  /** `why` names a status or a broken rule, never what was answered. */
  | {
      readonly type: "ice_fetched";
      readonly provider: string;
      readonly outcome: IceFetched;
      readonly ms: number;
      readonly generation?: number;
      readonly why?: string;
    }
  | {
      readonly type: "ice_urls_dropped";
      readonly provider: string;
      readonly reason: IceUrlFault;
      readonly count: number;
    }
  /** One allocation at a server of ours. `end` is a number where the server refused it. */
  | {
      readonly type: "ice_probed";
      readonly zone: string;
      readonly transport: string;
      readonly end: IceProbeEnd;
      readonly ms: number;
      /** Milliseconds to the next probe, by whichever keeper. */
      readonly every: number;
    }
  /** Whether the relay refused a peer in a private network, as it must. */
  | {
      readonly type: "ice_guarded";
      readonly zone: string;
      readonly peer: string;
      readonly refused: boolean;
      readonly every: number;
    };
