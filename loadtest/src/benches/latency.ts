// How long a durable message is under way from a client on one node to a client on another, as the rate rises.
import { range } from "../against.ts";
import { atMost, type Bench, worst } from "../bench.ts";
import { Ground } from "../ground.ts";
import { spread } from "../median.ts";
import { type LatencyResult, latency } from "../scenarios/latency.ts";

/**
 * Messages per second. Each is measured for ten seconds: a full collection of an edge's garbage holds up a hundredth of
 * three, and whether one falls into them would be the result.
 */
const rates = [1_000, 3_000, 6_000, 9_000];

function latencyBench(servers: 1 | 3, goals: { readonly p50?: number; readonly p99: number }): Bench {
  const name = `latency-r${servers}`;
  const about = `cross-node durable latency, streams on ${servers === 1 ? "one server" : "three servers, R3"}`;
  return {
    name,
    about,
    run: async (options) => {
      const results = new Map<number, LatencyResult[]>(rates.map((rate) => [rate, []]));
      for (let run = 0; run < options.runs; run += 1) {
        const ground = await Ground.start({ edges: 2, nats: servers });
        try {
          const measured = await latency(ground, {
            pairs: 50,
            rates,
            bytes: 270,
            ...(options.quick ? { warmUp: 1_000, measured: 1_000 } : { warmUp: 6_000, measured: 10_000 }),
            progress: (rate) => options.progress(`${name}: ${rate} /s, run ${run + 1} of ${options.runs}`),
          });
          for (const [i, result] of measured.entries()) results.get(rates[i] ?? 0)?.push(result);
        } finally {
          await ground.end();
        }
      }
      options.progress("");
      console.log(about);
      const rows = [];
      for (const [rate, list] of results) {
        const of = (part: (result: LatencyResult) => number) => spread(list.map(part));
        const [p50, p99] = [of((result) => result.p50), of((result) => result.p99)];
        const reached = of(({ perSecond }) => perSecond).median;
        const unheard = list.reduce((sum, result) => sum + result.unheard, 0);
        console.log(
          `  ${String(rate).padStart(5)} /s: p50 ${range(p50, 2)} ms, p99 ${range(p99, 2)} ms; ` +
            `${Math.round(reached)} /s said, ${unheard} unheard, bench busy ${of(({ busy }) => busy).median.toFixed(2)}`,
        );
        const [goal50, goal99] = [
          goals.p50 === undefined ? "" : `p50 at most ${goals.p50} ms, `,
          `p99 at most ${goals.p99} ms`,
        ];
        rows.push({
          what: `${about}, ${rate} /s`,
          measured: `p50 ${range(p50, 2)} ms, p99 ${range(p99, 2)} ms`,
          goal: `${goal50}${goal99}`,
          standing: worst(
            goals.p50 === undefined ? "reported" : atMost(p50.median, goals.p50),
            atMost(p99.median, goals.p99),
          ),
        });
      }
      return rows;
    },
  };
}

export const latencyBenches: readonly Bench[] = [latencyBench(1, { p50: 1, p99: 10 }), latencyBench(3, { p99: 15 })];
