// What a case is: one sentence about the protocol, where the page says so, and how it is tried.
import type { CodecName } from "@heliograph/codec";
import type { WireLimits } from "@heliograph/protocol/schema";
import type { Trial } from "./trial.ts";

export interface Case {
  /** A sentence that holds of a server that conforms. */
  readonly name: string;
  /** The heading of docs/protocol/v1.md that says so, as an anchor without its hash. */
  readonly section: string;
  /** Also demands that a client in another room notices nothing. */
  readonly hostile?: true;
  /** Both, unless the codec has no part in it. */
  readonly codecs?: readonly CodecName[];
  /** Why the case cannot be tried with these limits; undefined: it can. */
  readonly unless?: (limits: WireLimits) => string | undefined;
  /** Milliseconds, where the usual deadline is too short by nature. */
  readonly deadline?: (limits: WireLimits) => number;
  run(trial: Trial): Promise<void>;
}
