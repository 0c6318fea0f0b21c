// Chance, or what a seed makes of it.

/** From 0 up to, not including, 1; the same for the same seed. */
export function randomOf(seed: number | undefined): () => number {
  if (seed === undefined) return Math.random;
  // Lehmer's generator, in the constants of Park and Miller; it must not begin with 0.
  let state = (seed % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
