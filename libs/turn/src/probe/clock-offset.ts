// How far the clock of a TURN server is from ours, told by which logins it still takes: nothing else of it is seen.

/** `tryLogin`: whether a login whose last second (since 1970) that is opens the server; undefined: nobody can say. */
export type TryLogin = (lastSecond: number) => Promise<boolean | undefined>;

/** `secret`: it takes none of ours, whenever it ends, so the clock is not why. */
export type ClockFound =
  | { readonly is: "near" }
  /** Whole seconds that the server's clock is ahead of ours; negative: behind. */
  | { readonly is: "off"; readonly seconds: number }
  | { readonly is: "secret" | "unknown" };

/** Seconds that make no trouble (an alert fires beyond). */
export const clockTolerance = 2;

/** Below 2^31 seconds, the most that coturn compares, and longer than any clock is wrong. */
const furthest = 10 * 365 * 86_400;

/** `now`: milliseconds since 1970. A login opens the server up to and with its last second. */
export async function findClock(tryLogin: TryLogin, now: () => number): Promise<ClockFound> {
  // The server takes the login that ends so many seconds from now: its clock is at most as much ahead.
  const takes = (seconds: number) => tryLogin(Math.floor(now() / 1_000) + seconds);
  const early = await takes(clockTolerance);
  const late = await takes(-clockTolerance - 1);
  if (early === undefined || late === undefined) return { is: "unknown" };
  if (early && !late) return { is: "near" };
  // Between what it refuses and what it takes, halved until they meet: 28 logins.
  let refused = early ? -furthest : clockTolerance;
  let taken = early ? -clockTolerance - 1 : furthest;
  const far = early ? await takes(refused) : await takes(taken);
  if (far === undefined) return { is: "unknown" };
  if (far === early) return { is: early ? "unknown" : "secret" };
  while (taken - refused > 1) {
    const middle = Math.floor((taken + refused) / 2);
    const answer = await takes(middle);
    if (answer === undefined) return { is: "unknown" };
    if (answer) taken = middle;
    else refused = middle;
  }
  return { is: "off", seconds: taken };
}
