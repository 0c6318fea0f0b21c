// The heliograph command with a watch over its loop: how long it was away at most, and how much of that it was at work.
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { heliographCommand } from "@heliograph/cluster";

/** Milliseconds between two looks. */
const look = 5;

const fresh = () => ({ gap: 0, gapCpu: 0, cpu: 0, looks: 0 });
let worst = fresh();
let last = performance.now();
let spent = process.cpuUsage();

setInterval(() => {
  const now = performance.now();
  const used = process.cpuUsage(spent);
  spent = process.cpuUsage();
  const gap = Math.max(0, now - last - look);
  // Of all threads: no less than the loop itself has worked. A core that others had is not counted.
  const cpu = (used.user + used.system) / 1_000;
  last = now;
  worst = {
    gap: Math.max(worst.gap, gap),
    gapCpu: gap > worst.gap ? cpu : worst.gapCpu,
    cpu: Math.max(worst.cpu, Math.min(gap, cpu)),
    looks: worst.looks + 1,
  };
}, look).unref();

// Asked by the bench; each answer begins a new time.
const server = createServer((_, answer) => {
  answer.end(JSON.stringify(worst));
  worst = fresh();
});
server.unref();
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  writeFileSync(`${process.env["BENCH_LOOPS"] ?? "."}/${process.pid}`, String(port));
});

if (process.env["BENCH_PROFILE"] === undefined) {
  process.argv[1] = heliographCommand;
  await import(heliographCommand);
} else {
  await import("./profiled-edge.ts");
}
