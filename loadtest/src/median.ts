// The middle of several runs, and how far they lie apart.

export interface Spread {
  readonly least: number;
  readonly median: number;
  readonly most: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [low, high] = [sorted[Math.floor(middle)] ?? Number.NaN, sorted[Math.ceil(middle)] ?? Number.NaN];
  return { least: sorted[0] ?? Number.NaN, median: (low + high) / 2, most: sorted.at(-1) ?? Number.NaN };
}
