// What `npm run chaos` runs: takes parts away from the cluster that another terminal runs, until Ctrl-C.
import { readChaosArguments } from "./arguments.ts";
import { Chaos } from "./chaos.ts";
import { controlPath, RemoteCluster } from "./control.ts";
import { randomOf } from "./random-of.ts";

const say = (line: string): void => void process.stdout.write(`[chaos] ${line}\n`);

// Whoever read along has gone: what is being done goes on.
process.stdout.on("error", () => undefined);

const read = readChaosArguments(process.argv.slice(2));
switch (read.kind) {
  case "help":
    process.stdout.write(read.text);
    break;
  case "mistake":
    process.stderr.write(`${read.text}\nnpm run chaos -- --help says what can be typed.\n`);
    process.exitCode = 2;
    break;
  case "run":
    try {
      await run(read.arguments);
    } catch (error) {
      process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
      process.exitCode = 1;
    }
    break;
  default:
    read satisfies never;
}

async function run({ port, line, every, kinds, seed }: Extract<typeof read, { kind: "run" }>["arguments"]) {
  const cluster = new RemoteCluster(controlPath(port));
  if (line === "list") {
    for (const { name, running } of await cluster.list()) say(`${name.padEnd(12)}${running ? "runs" : "does not run"}`);
    return;
  }
  if (line !== undefined) {
    say(`${line}: ${await cluster.ask(line)}`);
    return;
  }
  const parts = (await cluster.list()).filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name);
  say(`every ${every / 1_000} s one of ${parts.join(", ")} dies and comes back; Ctrl-C ends this`);
  const chaos = new Chaos(cluster, { every, away: every / 2, kinds, random: randomOf(seed), say });
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve());
  });
  say("ending; what was killed last comes back first …");
  await chaos.end();
}
