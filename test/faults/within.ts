// Bounds: something becomes true in so many milliseconds, and how many it took is told.
import { until } from "../kit/until.ts";

/** Resolves with the milliseconds that passed until `look` gave true; fails with what was seen last. */
export async function within(ms: number, what: string, look: () => boolean | Promise<boolean>): Promise<number> {
  const began = performance.now();
  await until(what, look, ms);
  return performance.now() - began;
}
