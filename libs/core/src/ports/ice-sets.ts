// TURN credentials that the whole cluster shares, and who fetches the next ones.
import type { LinkState } from "./log.ts";

/** A stored set, as of the moment of its reading. */
export interface StoredIceSet {
  /** Above that of every set before it, also of those that a memory has lost since. */
  readonly generation: number;
  /** What was committed, untouched. Holds a password. */
  readonly bytes: Uint8Array;
  /** Milliseconds that it may still be given out; above 0. */
  readonly left: number;
  /** Milliseconds it was stored for. */
  readonly life: number;
}

/** What the memory knows of a provider. */
export interface IceLook {
  /** Absent: there is none, or its life is over. */
  readonly set?: StoredIceSet;
  /** Attempts that failed in a row since the last set was stored. */
  readonly fails: number;
}

/**
 * `yours`: the caller alone fetches, once, and commits or fails within 15 s. `fresh`: more than half of the stored life is
 * left. `busy`: another fetches. `backoff`: an attempt failed, and nobody tries again for `wait` milliseconds.
 */
export type IceClaim =
  | { readonly is: "yours" /** Attempts that failed in a row. */; readonly fails: number }
  | { readonly is: "fresh" | "busy" }
  | { readonly is: "backoff"; readonly wait: number };

export const iceSetTimes = {
  /** Milliseconds that a claim holds. */
  claim: 15_000,
  /** Milliseconds that failed attempts and the last generation are remembered; longer than anything waits. */
  memory: 86_400_000,
} as const;

/**
 * Promise: each step is taken whole or not at all, for one provider. Rejects with `Unreachable`. Nothing stays without
 * an end, and no key of a provider is ever kept. Nodes that only hand sets out call `read` alone, and may do no more.
 */
export interface IceSets {
  readonly link: LinkState;
  onLink(hear: (state: LinkState) => void): () => void;
  /** The set and its remaining life in one step: what is read had not ended when it was. */
  read(provider: string): Promise<IceLook>;
  /** `token` is the caller's own and random: it proves later that the claim is still its own. */
  claim(provider: string, token: string): Promise<IceClaim>;
  /** Stores the set for `life` milliseconds and answers its generation; undefined: the claim is not the caller's any more. */
  commit(provider: string, token: string, bytes: Uint8Array, life: number): Promise<number | undefined>;
  /** Nobody claims for `wait` milliseconds. False: the claim is not the caller's any more, and nothing happened. */
  fail(provider: string, token: string, wait: number): Promise<boolean>;
}
