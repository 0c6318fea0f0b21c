// npm run bench: what messages, visits, resumes and idle sessions cost, and what a killed server costs its clients.
import { cpus, loadavg } from "node:os";
import type { Bench, Row } from "./bench.ts";
import { enteringBench } from "./benches/entering.ts";
import { growthBenches, loadBench } from "./benches/growth.ts";
import { idleBench } from "./benches/idle.ts";
import { killBench } from "./benches/kill.ts";
import { latencyBenches } from "./benches/latency.ts";
import { broadcastBenches, messageBenches } from "./benches/messages.ts";
import { resumingBench } from "./benches/resuming.ts";
import { spreedBench } from "./benches/spreed.ts";

const benches: readonly Bench[] = [
  ...messageBenches,
  ...broadcastBenches,
  idleBench,
  ...latencyBenches,
  enteringBench,
  ...growthBenches,
  loadBench,
  resumingBench("resume-young"),
  resumingBench("resume-old"),
  killBench("kill"),
];
/** Only by their name: parts of others, and what keeps a machine busy for minutes. */
const named: readonly Bench[] = [killBench("kill-baseline"), spreedBench];

const words = process.argv.slice(2);
const runs = Number(words.find((word) => /^\d+$/.test(word)) ?? 5);
const quick = words.includes("--quick");
const names = words.filter((word) => !/^\d+$/.test(word) && word !== "--quick");
const chosen = names.length === 0 ? benches : names.flatMap(matching);

if (words.includes("--help") || chosen.length === 0) {
  console.log("npm run bench -- [runs] [name …] [--quick]\n");
  for (const { name, about } of [...benches, ...named]) console.log(`  ${name.padEnd(16)} ${about}`);
} else {
  await runAll(chosen);
}

/** The bench of that name, or all whose names begin with it. */
function matching(word: string): readonly Bench[] {
  const exact = [...benches, ...named].filter(({ name }) => name === word);
  return exact.length > 0 ? exact : benches.filter(({ name }) => name.startsWith(word));
}

async function runAll(list: readonly Bench[]): Promise<void> {
  const load = loadavg()[0] ?? 0;
  console.log(
    `Heliograph bench: node ${process.version}, ${cpus().length} cores, load ${load.toFixed(1)} before it began, ` +
      `${runs} interleaved runs, medians (least to most).\n`,
  );
  const rows: Row[] = [];
  for (const bench of list) {
    rows.push(...(await bench.run({ runs, quick, progress })));
    console.log();
  }
  console.log("| what | measured | goal | |\n|---|---|---|---|");
  for (const { what, measured, goal, standing } of rows)
    console.log(`| ${what} | ${measured} | ${goal} | ${standing} |`);
}

function progress(text: string): void {
  // Over the line before, where there is a line to write over.
  if (process.stderr.isTTY) process.stderr.write(`\r${text}\u001b[K`);
}
