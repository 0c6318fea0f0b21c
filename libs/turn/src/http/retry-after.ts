// Retry-After (RFC 9110, section 10.2.3): seconds, or a date.

const longest = 600_000;
const date = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Milliseconds from `now`, at most 600 000. Undefined: absent, not readable, or already over; then our own pause counts,
 * since a service whose clock is behind ours would otherwise be asked at once, again and again.
 */
export function readRetryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? "";
  const wait = /^\d{1,15}$/.test(text) ? Number(text) * 1_000 : date.test(text) ? Date.parse(text) - now : Number.NaN;
  return wait > 0 ? Math.min(wait, longest) : undefined;
}
