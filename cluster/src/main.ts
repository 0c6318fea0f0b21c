// What `npm run cluster` runs: a whole cluster in the foreground, until Ctrl-C.
import { type ClusterArguments, readClusterArguments } from "./arguments.ts";
import { Chaos } from "./chaos.ts";
import { obey, sayAs, untilSignalled } from "./command-line.ts";
import { ControlDoor, controlPath } from "./control.ts";
import { LocalCluster } from "./local-cluster.ts";
import { portTaken } from "./port-taken.ts";
import { randomOf } from "./random-of.ts";

const say = sayAs("cluster");

await obey(readClusterArguments(process.argv.slice(2)), "cluster", run);

async function run(given: ClusterArguments): Promise<number> {
  const { port, edges, keepers, nats, redis, workers, chaos, every, kinds, seed } = given;
  if (await portTaken(port)) {
    process.stderr.write(
      `Port ${port} is taken. End what listens there, or choose another: npm run cluster -- --port 8081\n`,
    );
    return 1;
  }
  // From the first child on: whatever began must end with us.
  const ended = untilSignalled();
  const starting = LocalCluster.start({ port, edges, keepers, nats, redis, workers, say: (line) => say(`${line} …`) });
  starting.catch(() => undefined);
  const first = await Promise.race([starting, ended.then(() => undefined)]);
  if (first === undefined) {
    say("ending what has begun …");
    await starting.then(
      (cluster) => cluster.stop(),
      () => undefined,
    );
    return 130;
  }
  const door = await ControlDoor.open(controlPath(port), first.parts);
  tell(first);
  const killing = chaos
    ? new Chaos(victimsOf(first), { every, away: every / 2, kinds, random: randomOf(seed), say })
    : undefined;
  if (chaos) say(`chaos: every ${every / 1_000} s something of ${kinds.join(", ")} dies and comes back`);
  await ended;
  say("ending everything …");
  door.close();
  await killing?.end();
  await first.stop();
  say("nothing is left");
  return 0;
}

function victimsOf(cluster: LocalCluster) {
  return {
    list: () => Promise.resolve(cluster.parts),
    kill: (name: string) => cluster.part(name).kill(),
    start: (name: string) => cluster.part(name).start(),
  };
}

function tell(cluster: LocalCluster): void {
  const { address, url, edges, keepers, nats, redis } = cluster;
  const rows: readonly (readonly [string, string])[] = [
    ["the page", address],
    ["the socket", url],
    ...edges.map(({ name, port, logFile }) => [name, `http://127.0.0.1:${port}/  log ${logFile}`] as const),
    ...keepers.map(({ name, port, logFile }) => [name, `http://127.0.0.1:${port}/readyz  log ${logFile}`] as const),
    ...nats.servers.map(({ url: at, monitorPort }, i) => {
      return [`nats-${i + 1}`, `${at}  http://127.0.0.1:${monitorPort}/jsz`] as const;
    }),
    [
      "redis",
      redis
        .address()
        .nodes.map(({ host, port }) => `${host}:${port}`)
        .join(" "),
    ],
  ];
  const shown = rows.map(([name, where]) => `  ${name.padEnd(12)}${where}\n`).join("");
  process.stdout.write(
    `\n${shown}\nOpen the page twice and call yourself. \`npm run chaos\` in another terminal kills what the call runs on. Ctrl-C ends everything.\n\n`,
  );
}
