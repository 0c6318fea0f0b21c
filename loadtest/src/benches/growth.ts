// What a message costs at each host of its room as the cluster grows, and how bundles and costs change with the load.
import { range } from "../against.ts";
import { atMost, type Bench, type Row } from "../bench.ts";
import { Ground } from "../ground.ts";
import { spread } from "../median.ts";
import { type UnicastOptions, type UnicastResult, unicastOn } from "../scenarios/unicast.ts";
import { times } from "./messages.ts";

/** Messages per second that each node hears as a host, whatever the number of nodes. */
const heardByEach = 1_500;

interface Growth {
  readonly name: string;
  readonly about: string;
  /** How many of the nodes host each room. */
  readonly hosts: (nodes: number) => number;
}

/**
 * Two readings of one row. `nodes`: rooms are on two nodes each while the cluster grows around them. `hosts`: rooms are on
 * all nodes; what speaking costs is then shared by more hosts, and the figure falls.
 */
const growths: readonly Growth[] = [
  { name: "nodes", about: "CPU per (message x host of its room), rooms on 2 of n nodes", hosts: () => 2 },
  { name: "hosts", about: "CPU per (message x host of its room), rooms on all of n nodes", hosts: (nodes) => nodes },
];

export const growthBenches: readonly Bench[] = growths.map(({ name, about, hosts }) => ({
  name,
  about,
  run: async (options) => {
    const results = new Map<number, UnicastResult[]>([2, 4, 8].map((nodes) => [nodes, []]));
    for (let run = 0; run < options.runs; run += 1) {
      for (const [nodes, list] of results) {
        options.progress(`${name}: ${nodes} nodes, run ${run + 1} of ${options.runs}`);
        const ground = await Ground.start({ edges: nodes });
        try {
          const perSecond = (heardByEach * nodes) / hosts(nodes);
          list.push(
            await unicastOn(ground, {
              clients: 96,
              roomSize: 8,
              load: { perSecond },
              durable: true,
              bytes: 270,
              spread: hosts(nodes),
              ...times(options),
            }),
          );
        } finally {
          await ground.end();
        }
      }
    }
    options.progress("");
    console.log(about);
    const each = (nodes: number) => spread((results.get(nodes) ?? []).map(({ edges }) => edges / hosts(nodes)));
    for (const [nodes, list] of results) {
      const nats = spread(list.map((result) => result.nats)).median;
      console.log(
        `  ${nodes} nodes: edges ${range(each(nodes), 2)} us per (message x host), nats ${nats.toFixed(2)} us per message, ` +
          `${Math.round(spread(list.map(({ perSecond }) => perSecond)).median)} msg/s`,
      );
    }
    const growth = each(8).median / each(2).median;
    return [
      {
        what: `${about}, from 2 to 8`,
        measured: `${each(2).median.toFixed(1)}, ${each(4).median.toFixed(1)}, ${each(8).median.toFixed(1)} us; x ${growth.toFixed(2)}`,
        goal: "flat within 15 %: at most x 1.15",
        standing: atMost(growth, 1.15),
      },
    ];
  },
}));

interface Step {
  readonly what: string;
  readonly load: UnicastOptions["load"];
  readonly roomSize: number;
}

const steps: readonly Step[] = [
  ...[4, 100].flatMap((roomSize) => [
    ...[500, 2_000, 5_000, 10_000].map((perSecond) => ({ what: `${perSecond} /s`, load: { perSecond }, roomSize })),
    ...[1, 4, 16].map((window) => ({ what: `${window} outstanding`, load: { window }, roomSize })),
  ]),
];

export const loadBench: Bench = {
  name: "load",
  about: "entries per bundle and CPU of edge, nats-server and Redis per message as load rises",
  run: async (options) => {
    const rows: Row[] = [];
    console.log("| 100 clients in rooms of | load | msg/s | entries per bundle | edge us | nats us | redis us |");
    console.log("|---|---|---|---|---|---|---|");
    for (const { what, load, roomSize } of steps) {
      const results: (UnicastResult & { readonly perBundle: number })[] = [];
      for (let run = 0; run < Math.min(options.runs, 3); run += 1) {
        options.progress(`load: rooms of ${roomSize}, ${what}, run ${run + 1}`);
        const ground = await Ground.start({});
        try {
          let [before, after] = [0, 0];
          const result = await unicastOn(
            ground,
            { clients: 100, roomSize, load, durable: true, bytes: 270, spread: 1, ...times(options) },
            {
              began: async () => {
                before = await ground.bundles();
              },
              ended: async () => {
                after = await ground.bundles();
              },
            },
          );
          results.push({ ...result, perBundle: result.delivered / (after - before) });
        } finally {
          await ground.end();
        }
      }
      options.progress("");
      const middle = (part: keyof (typeof results)[number]) => spread(results.map((result) => result[part])).median;
      console.log(
        `| ${roomSize} | ${what} | ${Math.round(middle("perSecond"))} | ${middle("perBundle").toFixed(1)} | ` +
          `${middle("edges").toFixed(1)} | ${middle("nats").toFixed(1)} | ${middle("redis").toFixed(2)} |`,
      );
    }
    return rows;
  },
};
