// How long nobody asks a service again after an attempt that failed.
import type { FetchFailed, FetchThrottled } from "./provider.ts";

const first = 1_000;
const firstThrottled = 30_000;
const longest = 60_000;
const longestTold = 600_000;
/** A wrong key stays wrong: somebody must mend it, and asking on looks like guessing. */
const refused = 300_000;

/**
 * Milliseconds. `failures`: attempts that failed in a row, this one among them; `fraction`: chance, at least 0 and below 1.
 * What the service itself said is kept to the millisecond, within bounds.
 */
export function pauseAfter(failed: FetchFailed | FetchThrottled, failures: number, fraction: number): number {
  switch (failed.class) {
    case "transient":
    case "bad":
      return growing(first, failures, fraction);
    case "throttled":
      return failed.wait === undefined
        ? growing(firstThrottled, failures, fraction)
        : Math.min(Math.max(failed.wait, first), longestTold);
    case "refused":
      return refused;
    default:
      return failed satisfies never;
  }
}

/** Doubles up to a minute, times a half to one, so that several clusters do not come back together. */
function growing(from: number, failures: number, fraction: number): number {
  const doublings = Math.min(Math.max(failures, 1), 30) - 1;
  return Math.round(Math.min(from * 2 ** doublings, longest) * (0.5 + fraction / 2));
}
