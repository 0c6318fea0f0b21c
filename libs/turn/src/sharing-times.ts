// When the shared set of a provider is looked at, fetched anew and given up; all in milliseconds.

export interface SharingTimes {
  /** Between two looks, give or take the part `spread` of it. */
  readonly look: number;
  readonly spread: number;
  /** A stored set ends so long before its credential does. */
  readonly margin: number;
  /** The shortest life of a credential that is worth storing. */
  readonly shortest: number;
  /** After so long without the memory a fetcher may fetch for itself, and then again only after the second. */
  readonly alone: number;
  readonly aloneAgain: number;
  /** An attempt that has not ended by then counts as one that never will. */
  readonly attempt: number;
  /** A process that starts waits so long for its first look, and no longer. */
  readonly first: number;
  /** Nothing so long after the start: the first attempt is over, however it went. */
  readonly starting: number;
  /** Between two looks that sessions ask for while there is nothing. */
  readonly asked: number;
}

export const sharingTimes: SharingTimes = {
  look: 10_000,
  spread: 0.2,
  margin: 60_000,
  shortest: 120_000,
  alone: 30_000,
  aloneAgain: 300_000,
  attempt: 30_000,
  first: 300,
  // A claim whose holder died runs out after 15 s, and the next look comes within 12 s.
  starting: 27_000,
  asked: 1_000,
};

/** The longest that a look is away. */
export function longestLook({ look, spread }: SharingTimes): number {
  return look * (1 + spread);
}
