// How long the long outages last: past every time-out of clients and servers, or as long as in the table of failures.

/** Milliseconds. HELIOGRAPH_FULL_OUTAGES=1 plays the ten minutes in full. */
export const outage = process.env["HELIOGRAPH_FULL_OUTAGES"] === "1" ? 600_000 : 46_000;

/** What a row may take besides. */
export const besides = 90_000;
