// How loud a piece of sound is, as a meter shows it.

const floor = -60;
const ceiling = -6;
/** The share of the height that a falling meter keeps per reading: rises at once, falls gently, as ears expect. */
const fall = 0.8;

/** @param samples bytes of a waveform, 128 is silence @returns 0 to 1, even steps being even steps of loudness */
export function levelOf(samples: Uint8Array): number {
  if (samples.length === 0) return 0;
  let sum = 0;
  for (const sample of samples) sum += ((sample - 128) / 128) ** 2;
  const decibels = 10 * Math.log10(sum / samples.length);
  return Math.min(1, Math.max(0, (decibels - floor) / (ceiling - floor)));
}

export function settled(before: number, now: number): number {
  const level = Math.max(now, before * fall);
  return level < 0.01 ? 0 : level;
}

/** Above this, somebody speaks. */
export const speaking = 0.45;
