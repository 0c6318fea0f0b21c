// Kinds of servers in turn, run by run, so that whatever else the machine does meets all of them alike.
import type { BenchOptions } from "./bench.ts";
import { type Spread, spread } from "./median.ts";
import type { Kind } from "./target.ts";

/** Microseconds of CPU for each of whatever is counted. */
export interface Cost {
  readonly edges: number;
  readonly nats: number;
  readonly redis: number;
  readonly perSecond: number;
}

export interface Comparison {
  readonly costs: Readonly<Record<Kind, readonly Cost[]>>;
  /** Of the edges' CPU to the relay's, of the same run. */
  readonly ratio: (kind: Kind) => Spread;
}

/** The relay first in each run, then the others. */
export async function against(
  title: string,
  { runs, progress }: BenchOptions,
  others: readonly Exclude<Kind, "relay">[],
  measure: (kind: Kind) => Promise<Cost>,
): Promise<Comparison> {
  const costs: Record<Kind, Cost[]> = { relay: [], memory: [], cluster: [] };
  for (let run = 0; run < runs; run += 1) {
    for (const kind of ["relay", ...others] as const) {
      progress(`${title}: ${kind}, run ${run + 1} of ${runs}`);
      costs[kind].push(await measure(kind));
    }
  }
  const comparison: Comparison = {
    costs,
    ratio: (kind) => spread(costs[kind].map(({ edges }, run) => edges / (costs.relay[run]?.edges ?? Number.NaN))),
  };
  progress("");
  console.log(title);
  for (const kind of ["relay", ...others] as const) console.log(`  ${kind.padEnd(8)} ${described(costs[kind])}`);
  for (const kind of others) console.log(`  ${`${kind} to relay`.padEnd(17)} ${range(comparison.ratio(kind), 2)}`);
  return comparison;
}

function described(costs: readonly Cost[]): string {
  const middle = (part: keyof Cost): number => spread(costs.map((cost) => cost[part])).median;
  const servers =
    middle("nats") === 0 ? "" : `, nats ${middle("nats").toFixed(2)}, redis ${middle("redis").toFixed(2)}`;
  const { least, most } = spread(costs.map(({ edges }) => edges));
  return (
    `${middle("edges").toFixed(2).padStart(7)} us CPU each (${least.toFixed(2)} to ${most.toFixed(2)})${servers}, ` +
    `${Math.round(middle("perSecond"))} /s`
  );
}

/** The median, and the least and the most in brackets. */
export function range({ least, median, most }: Spread, digits: number): string {
  if (least === most) return median.toFixed(digits);
  return `${median.toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
}
