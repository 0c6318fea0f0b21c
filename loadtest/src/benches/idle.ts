// What an idle session costs: resident bytes for each.
import { range } from "../against.ts";
import { atMost, type Bench } from "../bench.ts";
import { spread } from "../median.ts";
import { idle } from "../scenarios/idle.ts";

const goal = 3_584;

export const idleBench: Bench = {
  name: "idle",
  about: "idle session joined to a room of 4, resident bytes",
  run: async ({ runs, quick, progress }) => {
    const sessions = quick ? 1_000 : 10_000;
    const rows = [];
    console.log(`idle session joined to a room of 4, ${sessions} sockets`);
    for (const kind of ["relay", "memory"] as const) {
      const bytes: number[] = [];
      for (let run = 0; run < Math.min(runs, 3); run += 1) {
        progress(`idle: ${kind}, run ${run + 1}`);
        bytes.push(await idle(kind, { sessions, roomSize: 4 }));
      }
      progress("");
      const measured = `${range(spread(bytes), 0)} bytes`;
      console.log(`  ${kind.padEnd(8)} ${measured} each`);
      if (kind === "memory") {
        const standing = atMost(spread(bytes).median, goal);
        rows.push({ what: "idle session joined to a room of 4, memory", measured, goal: `at most ${goal}`, standing });
      }
    }
    return rows;
  },
};
