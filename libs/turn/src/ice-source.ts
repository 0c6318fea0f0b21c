// Where the issuer takes sets from: what a provider of either family is to whoever asks at once.
import type { IceAsker } from "@heliograph/core";
import type { HeldSet, IceExpiry } from "./ice-set.ts";

/** `starting`: nothing yet, and no attempt has failed. `fresh`, `stale`: a valid set, the last attempt went well or failed. */
export type SourceState = "starting" | "fresh" | "stale" | "none";

/** Promise: everything answers at once from what the process holds, and nothing throws. */
export interface IceSource {
  /** The provider's name in the configuration. */
  readonly id: string;
  readonly expiry: IceExpiry;
  /** Whose credential it is: one session's, or everybody's. */
  readonly scope: "session" | "shared";
  readonly state: SourceState;
  /** Of the set that would be given now; while there is none, of the last one. 0: there was none yet. */
  readonly generation: number;
  /** Sets up to this generation serve no longer, though their lives are not over; absent or 0: nothing was withdrawn. */
  readonly withdrawn?: number;
  /** Undefined: nothing that may be given out now. */
  setFor(asker: IceAsker): HeldSet | undefined;
  /** Another set, or another state. */
  onChange(listener: () => void): () => void;
}
