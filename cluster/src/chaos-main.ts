// What `npm run chaos` runs: takes parts away from the cluster that another terminal runs, until Ctrl-C.
import { type ChaosArguments, readChaosArguments } from "./arguments.ts";
import { Chaos } from "./chaos.ts";
import { obey, sayAs, untilSignalled } from "./command-line.ts";
import { controlPath, RemoteCluster } from "./control.ts";
import { randomOf } from "./random-of.ts";

const say = sayAs("chaos");

await obey(readChaosArguments(process.argv.slice(2)), "chaos", run);

async function run({ port, line, every, kinds, seed }: ChaosArguments): Promise<number> {
  const cluster = new RemoteCluster(controlPath(port));
  if (line === "list") {
    for (const { name, running } of await cluster.list()) say(`${name.padEnd(12)}${running ? "runs" : "does not run"}`);
    return 0;
  }
  if (line !== undefined) {
    say(`${line}: ${await cluster.ask(line)}`);
    return 0;
  }
  const parts = (await cluster.list()).filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name);
  say(`every ${every / 1_000} s one of ${parts.join(", ")} dies and comes back; Ctrl-C ends this`);
  const chaos = new Chaos(cluster, { every, away: every / 2, kinds, random: randomOf(seed), say });
  await untilSignalled();
  say("ending; what was killed last comes back first …");
  await chaos.end();
  return 0;
}
