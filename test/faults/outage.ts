// How long the long outages last: past every time-out of clients and servers, or as long as in the table of failures.

/** HELIOGRAPH_FULL_OUTAGES=1 plays the ten minutes in full. */
const inFull = process.env["HELIOGRAPH_FULL_OUTAGES"] === "1";

/** Milliseconds. */
export const outage = inFull ? 600_000 : 46_000;

/** Settings with which the log outlives the outage, as it must for all holes to be filled: it keeps 2.5 windows. */
export const windowOfOutages: Readonly<Record<string, string>> = inFull ? { LIMITS_WINDOW: "5m" } : {};

/** What a row may take besides. */
export const besides = 90_000;
