// TURN credentials that the whole cluster shares, and who fetches the next ones.

/** A stored set, as of the moment of its reading. */
export interface StoredIceSet {
  /** One more than the set before it. */
  readonly generation: number;
  /** What was committed, untouched. Holds a password. */
  readonly bytes: Uint8Array;
  /** Milliseconds that it may still be given out; above 0. */
  readonly left: number;
  /** Milliseconds it was stored for. */
  readonly life: number;
}

/**
 * `yours`: the caller alone fetches, once, and commits or fails within 15 s. `fresh`: more than half of the stored life is
 * left. `busy`: another fetches. `backoff`: an attempt failed, and nobody tries again for `wait` milliseconds.
 */
export type IceClaim =
  | { readonly is: "yours" /** Attempts that failed in a row. */; readonly fails: number }
  | { readonly is: "fresh" | "busy" }
  | { readonly is: "backoff"; readonly wait: number };

/** Promise: each step is taken whole or not at all, for one provider. Rejects with `Unreachable`. Keeps no key of a provider. */
export interface IceSets {
  readonly link: "up" | "down";
  onLink(hear: (state: "up" | "down") => void): () => void;
  /** Undefined: none, or its life is over. */
  read(provider: string): Promise<StoredIceSet | undefined>;
  /** `token` is the caller's own and random: it proves later that the claim is still its own. */
  claim(provider: string, token: string): Promise<IceClaim>;
  /** Stores the set for `life` milliseconds and answers its generation; undefined: the claim is not the caller's any more. */
  commit(provider: string, token: string, bytes: Uint8Array, life: number): Promise<number | undefined>;
  /** Nobody claims for `wait` milliseconds. False: the claim is not the caller's any more, and nothing happened. */
  fail(provider: string, token: string, wait: number): Promise<boolean>;
}
