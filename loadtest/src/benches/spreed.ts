// What a crowd in the global room of Spreed WebRTC costs, and how long it keeps each node from everybody else.
import { atMost, type Bench } from "../bench.ts";
import { type Phase, type StormResult, spreedStorm } from "../scenarios/spreed-storm.ts";

/** Milliseconds for which no loop may be blocked. */
const goal = 100;
const edges = 3;

export const spreedBench: Bench = {
  name: "spreed",
  about: "2,000 sessions of Spreed WebRTC in one global room over three nodes: all join, and all say a status, at once",
  run: async (options) => {
    const sizes = options.quick ? [50, 100, 200] : [500, 1_000, 2_000];
    const results = new Map<number, StormResult>();
    for (const sessions of sizes) {
      options.progress(`spreed: ${sessions} sessions`);
      results.set(sessions, await spreedStorm({ sessions, edges }));
    }
    options.progress("");
    console.log(
      "| sessions | phase | frames | MiB | s | longest gap of a loop, ms (each edge) | at work | missing | closed |",
    );
    console.log("|---|---|---|---|---|---|---|---|---|");
    for (const [sessions, result] of results) {
      for (const phase of ["connecting", "joins", "statuses"] as const) {
        console.log(`| ${sessions} | ${phase} | ${line(result[phase])} |`);
      }
    }
    const largest = sizes.at(-1) ?? 0;
    const result = results.get(largest);
    if (result === undefined) return [];
    console.log(`resident at the end: ${(result.rss / edges / (1 << 20)).toFixed(0)} MiB for each edge`);
    return (["joins", "statuses"] as const).map((phase) => ({
      what: `longest gap of a loop while ${largest} Spreed sessions ${phase === "joins" ? "join" : "say a status"} at once`,
      measured: `${result[phase].blocked.toFixed(0)} ms, of which ${result[phase].blockedCpu.toFixed(0)} ms at work`,
      goal: `at most ${goal} ms`,
      standing: atMost(result[phase].worked, goal),
    }));
  },
};

function line({ frames, bytes, took, blocked, each, worked, missing, closed }: Phase): string {
  const gaps = `${blocked.toFixed(0)} (${each.map((gap) => gap.toFixed(0)).join(", ")})`;
  return [
    frames,
    (bytes / (1 << 20)).toFixed(1),
    (took / 1_000).toFixed(1),
    gaps,
    worked.toFixed(0),
    missing,
    closed,
  ].join(" | ");
}
