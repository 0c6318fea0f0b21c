// Asking real servers again and again until something holds, with a deadline that fails with what was asked.

/** Milliseconds; generous, since cores may be busy and nothing here is a measurement. */
const deadline = 30_000;
const between = 25;

/** A look that rejects counts as not yet. */
export async function soon(what: string, look: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + deadline;
  for (;;) {
    const [holds, why] = await look().then(
      (seen): [boolean, unknown] => [seen, undefined],
      (error: unknown): [boolean, unknown] => [false, error],
    );
    if (holds) return;
    if (Date.now() > end) throw new Error(`it never came to pass: ${what}`, { cause: why });
    await new Promise((resolve) => setTimeout(resolve, between));
  }
}
