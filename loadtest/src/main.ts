// npm run bench: what a message costs, as CPU time and as a ratio to a bare relay measured in the same run.
import { cpus } from "node:os";
import type { Kind } from "./measured-server.ts";
import { spread } from "./median.ts";
import { broadcast } from "./scenarios/broadcast.ts";
import { idle } from "./scenarios/idle.ts";
import { unicast } from "./scenarios/unicast.ts";

const runs = Number(process.argv[2] ?? 5);
const only = process.argv[3];
const warmUp = 1_500;
const measured = 3_000;

console.log(`Heliograph bench: node ${process.version}, ${cpus().length} cores, ${runs} interleaved runs, medians.\n`);

interface Cost {
  readonly cpu: number;
  readonly perSecond: number;
}

/** Runs both kinds in turn, so that whatever else the machine does meets both alike. */
async function against(title: string, goal: string, measure: (kind: Kind) => Promise<Cost>): Promise<void> {
  if (only !== undefined && !title.includes(only)) return;
  const costs: Record<Kind, Cost[]> = { relay: [], heliograph: [] };
  const ratios: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    process.stderr.write(`${title}: run ${run + 1} of ${runs}\r`);
    const relay = await measure("relay");
    const heliograph = await measure("heliograph");
    costs.relay.push(relay);
    costs.heliograph.push(heliograph);
    ratios.push(heliograph.cpu / relay.cpu);
  }
  const { least, median, most } = spread(ratios);
  console.log(`${title}`);
  for (const kind of ["relay", "heliograph"] as const) {
    const cpu = spread(costs[kind].map((cost) => cost.cpu)).median;
    const perSecond = spread(costs[kind].map((cost) => cost.perSecond)).median;
    console.log(`  ${kind.padEnd(10)} ${cpu.toFixed(2).padStart(7)} us CPU each, ${Math.round(perSecond)} /s`);
  }
  console.log(`  ratio      ${median.toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)}); goal ${goal}\n`);
}

for (const window of [4, 1]) {
  const options = { clients: 100, roomSize: 4, window, bytes: 270, warmUp, measured };
  await against(
    `durable unicast, 100 clients in rooms of 4, ${window} outstanding`,
    window === 4 ? "<= 1.4" : "<= 2.0",
    async (kind) => {
      const { cpuPerMessage, perSecond } = await unicast(kind, options);
      return { cpu: cpuPerMessage, perSecond };
    },
  );
}
for (const window of [1, 4]) {
  const options = { members: 1_000, window, bytes: 270, warmUp, measured };
  await against(`broadcast to 1,000 members, ${window} a tick`, window === 1 ? "<= 1.00" : "<= 1.25", async (kind) => {
    const { cpuPerDelivery, perSecond } = await broadcast(kind, options);
    return { cpu: cpuPerDelivery, perSecond };
  });
}
if (only === undefined || "idle".includes(only)) {
  const sessions = 10_000;
  console.log(`idle session joined to a room of 4, ${sessions} sockets`);
  for (const kind of ["relay", "heliograph"] as const) {
    const bytes: number[] = [];
    for (let run = 0; run < Math.min(runs, 3); run += 1) bytes.push(await idle(kind, { sessions, roomSize: 4 }));
    const { least, median, most } = spread(bytes);
    const goal = kind === "relay" ? "a bare socket" : "goal <= 3584";
    console.log(
      `  ${kind.padEnd(10)} ${Math.round(median)} bytes RSS each (${Math.round(least)} to ${Math.round(most)}); ${goal}`,
    );
  }
}
