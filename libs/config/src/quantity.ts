// Durations and sizes as people write them: the one door from "30s" and "64KiB" to milliseconds and bytes.

export type Quantity = "duration" | "size";

/** Largest first, so that the first that divides a number names it shortest. */
const units = {
  duration: { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 },
  size: { GiB: 1_073_741_824, MiB: 1_048_576, KiB: 1_024, B: 1 },
} as const satisfies Record<Quantity, Readonly<Record<string, number>>>;

/** A regular expression for editors and for this door: digits, at most one fraction, a unit. Bare digits count the smallest unit. */
export function quantityPattern(of: Quantity): string {
  return `^\\d+$|^\\d+(\\.\\d+)? ?(${Object.keys(units[of]).join("|")})$`;
}

/** Undefined: not of that form, or no whole number of the smallest unit. */
export function readQuantity(of: Quantity, text: string): number | undefined {
  if (!new RegExp(quantityPattern(of)).test(text)) return undefined;
  const known: Readonly<Record<string, number>> = units[of];
  const unit = /[A-Za-z]+$/.exec(text)?.[0];
  const value = Number.parseFloat(text) * (unit === undefined ? 1 : (known[unit] ?? Number.NaN));
  return Number.isSafeInteger(value) ? value : undefined;
}

/** In the largest unit that needs no fraction: 90000 is `90s`, 0 is `0s` or `0B`. */
export function writeQuantity(of: Quantity, value: number): string {
  if (value === 0) return of === "duration" ? "0s" : "0B";
  const unit = Object.entries(units[of]).find(([, factor]) => value % factor === 0);
  return unit === undefined ? String(value) : `${value / unit[1]}${unit[0]}`;
}
