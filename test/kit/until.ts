// Waiting for something to become true, looked at again and again until a deadline that fails with what was seen last.

/** Milliseconds; generous, since the cores may be busy and no test is a measurement. */
export const patience = 20_000;
/** Milliseconds between two looks. */
const interval = 20;

/**
 * Resolves once `look` gives true. A look may throw as well, to say what it saw instead. By its own clock and not by
 * the runner's polling, which knows only one test at a time.
 */
export async function until(what: string, look: () => boolean | Promise<boolean>, ms = patience): Promise<void> {
  const end = performance.now() + ms;
  let seen: unknown;
  for (;;) {
    try {
      if (await look()) return;
      seen = undefined;
    } catch (error) {
      seen = error;
    }
    if (performance.now() >= end) break;
    await new Promise((resolve) => setTimeout(resolve, interval));
  }
  throw new Error(`not within ${Math.round(ms)} ms: ${what}${seen === undefined ? "" : `\n${seen}`}`, { cause: seen });
}
