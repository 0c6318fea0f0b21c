// Time as the page sees it, so that tests can move it.

export type Stop = () => void;

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs once, `ms` from now, unless stopped. */
  after(ms: number, run: () => void): Stop;
  /** Runs again and again until stopped. */
  every(ms: number, run: () => void): Stop;
}

export const pageClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  every(ms, run) {
    const timer = setInterval(run, ms);
    return () => clearInterval(timer);
  },
};
