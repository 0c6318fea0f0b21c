// Counts that the whole cluster shares and that expire: guesses of PINs and codes, quotas.

/** Promise: atomic; the window starts with the first count and is never prolonged. Rejects with `Unreachable`. */
export interface Counters {
  /** Adds one and answers the new count and the milliseconds until it starts again. */
  add(key: string, windowMs: number): Promise<{ readonly count: number; readonly resetIn: number }>;
  /** The present count without adding to it; 0 when there is none. */
  peek(key: string): Promise<{ readonly count: number; readonly resetIn: number }>;
  clear(key: string): Promise<void>;
}
