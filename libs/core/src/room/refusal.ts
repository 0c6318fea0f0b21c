// Why the machine would not apply an entry.
import type { Reason } from "@heliograph/protocol";
import type { Effect } from "./effect.ts";

export interface Refusal {
  readonly reason: Reason;
  readonly detail?: string;
}

export function refusal(reason: Reason, detail?: string): Refusal {
  return detail === undefined ? { reason } : { reason, detail };
}

export function refusedFor(why: Refusal): Effect {
  return { type: "refused", ...why };
}
