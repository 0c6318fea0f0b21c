// The answer of everything that may be refused: a value, or a reason from the one table.
import type { Reason } from "./refusal.ts";

export interface Accepted<T> {
  readonly ok: true;
  readonly value: T;
}

/** Why not. `detail` is for the person who debugs the client: it names the member or the limit, never a secret. */
export interface Refused {
  readonly ok: false;
  readonly reason: Reason;
  readonly detail?: string;
  /** Milliseconds after which trying again makes sense; only beside reasons that may be retried. */
  readonly retryIn?: number;
}

export type Outcome<T> = Accepted<T> | Refused;

export function accepted<T>(value: T): Accepted<T> {
  return { ok: true, value };
}

export function refused(reason: Reason, detail?: string, retryIn?: number): Refused {
  return {
    ok: false,
    reason,
    ...(detail === undefined ? {} : { detail }),
    ...(retryIn === undefined ? {} : { retryIn }),
  };
}
