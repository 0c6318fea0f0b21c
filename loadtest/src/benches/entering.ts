// How many clients can come and go for each second of an edge's CPU.
import { range } from "../against.ts";
import { atLeast, type Bench } from "../bench.ts";
import { spread } from "../median.ts";
import { type EnteringResult, entering } from "../scenarios/entering.ts";
import { startTarget } from "../target.ts";
import { times } from "./messages.ts";

const goal = 3_500;

export const enteringBench: Bench = {
  name: "entering",
  about: "socket, hello, join, leave and bye, anonymous, in rooms of 4, per second of the edge's CPU",
  run: async (options) => {
    const rows = [];
    for (const kind of ["memory", "cluster"] as const) {
      for (const leave of [false, true]) {
        const results: EnteringResult[] = [];
        for (let run = 0; run < options.runs; run += 1) {
          options.progress(`entering: ${kind}, run ${run + 1}`);
          const target = await startTarget(kind);
          try {
            results.push(await entering(target, { atOnce: 100, roomSize: 4, leave, ...times(options) }));
          } finally {
            await target.end();
          }
        }
        options.progress("");
        const of = (part: (result: EnteringResult) => number) => spread(results.map(part));
        const what = `hello + join${leave ? " + leave" : ""}, ${kind}`;
        const rate = of(({ perCpuSecond }) => perCpuSecond);
        console.log(what);
        console.log(
          `  ${range(rate, 0)} per second of the edge's CPU, ${range(
            of(({ perSecond }) => perSecond),
            0,
          )} /s; ` +
            `us each: edge ${of(({ edges }) => edges).median.toFixed(0)}, nats ${of(({ nats }) => nats).median.toFixed(0)}, ` +
            `redis ${of(({ redis }) => redis).median.toFixed(0)}`,
        );
        rows.push({
          what,
          measured: `${range(rate, 0)} per CPU second`,
          goal: `at least ${goal}`,
          standing: atLeast(rate.median, goal),
        });
      }
    }
    return rows;
  },
};
