// Time of one process: for timers and bounds only; what happened when is the log's to say.

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since 1970. May be wrong; no decision about rooms depends on it. */
  now(): number;
  /** Calls once, not before `ms` have passed. */
  after(ms: number, call: () => void): Timer;
  /**
   * Calls once everything that arrived in this turn of the loop has been handled. Network writes wait for it: all
   * publishes of a turn leave in one write, and none inside a socket callback.
   */
  endOfTurn(call: () => void): void;
}
