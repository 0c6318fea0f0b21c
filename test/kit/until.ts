// Waiting for something to become true, looked at again and again until a deadline that fails with what was seen last.
import { expect } from "vitest";

/** Milliseconds; generous, since the cores may be busy and no test is a measurement. */
export const patience = 20_000;

/** Resolves once `look` gives true. */
export async function until(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
  await expect.poll(look, { timeout: patience, interval: 20, message: what }).toBe(true);
}
