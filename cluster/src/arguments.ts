// What may be typed behind `npm run cluster --` and `npm run chaos --`, and what it means.
import { parseArgs } from "node:util";
import type { PartKind } from "./part.ts";

export interface ClusterArguments {
  readonly port: number;
  readonly edges: number;
  readonly keepers: number;
  readonly nats: 1 | 3;
  readonly redis: "single" | "sentinel";
  readonly workers: number;
  /** Kill something every few seconds. */
  readonly chaos: boolean;
  readonly every: number;
  readonly kinds: readonly PartKind[];
  readonly seed: number | undefined;
}

export interface ChaosArguments {
  readonly port: number;
  readonly every: number;
  readonly kinds: readonly PartKind[];
  readonly seed: number | undefined;
  /** One thing to do to one part, instead of killing for ever. */
  readonly line: string | undefined;
}

export type Read<Arguments> =
  | { readonly kind: "run"; readonly arguments: Arguments }
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "mistake"; readonly text: string };

export const clusterHelp = `npm run cluster [-- [chaos] [options]]

A whole cluster on this machine: nats-servers, Redis, keepers, edges, and HAProxy in front with the demo page. Ends with Ctrl-C,
and leaves nothing behind.

  chaos                 kills an edge or a keeper every few seconds, and brings it back
  --port <number>       where HAProxy listens (8080)
  --edges <number>      how many edges (3)
  --keepers <number>    how many keepers (2)
  --nats <1|3>          nats-servers; three survive the death of one (3)
  --redis <kind>        single, or sentinel: a primary, a replica and three Sentinels (single)
  --workers <number>    processes for each edge, on one port (1)
  --every <seconds>     for chaos: from the return of one to the death of the next (5)
  --kinds <list>        for chaos: what may die, of edge, keeper, nats, redis, haproxy (edge,keeper)
  --seed <number>       for chaos: the same seed kills in the same order
  --help

While it runs, another terminal may run: npm run chaos -- --help
`;

export const chaosHelp = `npm run chaos [-- [options] [<verb> <part>]]

Kills parts of the cluster that \`npm run cluster\` runs on this machine, one after the other, and brings each back.

  kill edge-1           does this once, and nothing else; also terminate, pause, wake, start
  list                  says which parts there are and whether they run
  --port <number>       where the cluster's HAProxy listens (8080)
  --every <seconds>     from the return of one to the death of the next (5)
  --kinds <list>        what may die, of edge, keeper, nats, redis, haproxy (edge,keeper)
  --seed <number>       the same seed kills in the same order
  --help
`;

const chaosOptions = {
  port: { type: "string" },
  every: { type: "string" },
  kinds: { type: "string" },
  seed: { type: "string" },
  help: { type: "boolean" },
} as const;

const clusterOptions = {
  ...chaosOptions,
  edges: { type: "string" },
  keepers: { type: "string" },
  nats: { type: "string" },
  redis: { type: "string" },
  workers: { type: "string" },
} as const;

export function readClusterArguments(args: readonly string[]): Read<ClusterArguments> {
  return reading(() => {
    const { values, positionals } = parseArgs({ args: [...args], options: clusterOptions, allowPositionals: true });
    if (values.help === true) return { kind: "help", text: clusterHelp };
    const strange = positionals.find((word) => word !== "chaos");
    if (strange !== undefined) throw new Mistake(`${strange} cannot be typed here.`);
    const nats = oneOf("--nats", values.nats ?? "3", ["1", "3"]);
    return {
      kind: "run",
      arguments: {
        ...sharedOf(values),
        edges: whole("--edges", values.edges ?? "3", 1, 16),
        keepers: whole("--keepers", values.keepers ?? "2", 0, 8),
        nats: nats === "1" ? 1 : 3,
        redis: oneOf("--redis", values.redis ?? "single", ["single", "sentinel"]),
        workers: whole("--workers", values.workers ?? "1", 1, 64),
        chaos: positionals.includes("chaos"),
      },
    };
  });
}

export function readChaosArguments(args: readonly string[]): Read<ChaosArguments> {
  return reading(() => {
    const { values, positionals } = parseArgs({ args: [...args], options: chaosOptions, allowPositionals: true });
    if (values.help === true) return { kind: "help", text: chaosHelp };
    const line = positionals.length === 0 ? undefined : positionals.join(" ");
    return { kind: "run", arguments: { ...sharedOf(values), line } };
  });
}

class Mistake extends Error {}

/** What is typed wrongly is told, not thrown. */
function reading<Arguments>(read: () => Read<Arguments>): Read<Arguments> {
  try {
    return read();
  } catch (error) {
    const typedWrongly = error instanceof Mistake || (error instanceof TypeError && "code" in error);
    if (!typedWrongly) throw error;
    return { kind: "mistake", text: error.message };
  }
}

function sharedOf(values: { readonly port?: string; every?: string; kinds?: string; seed?: string }) {
  const kinds = (values.kinds ?? "edge,keeper").split(",").map((kind) => oneOf("--kinds", kind.trim(), partKinds));
  return {
    port: whole("--port", values.port ?? "8080", 1, 65_535),
    every: whole("--every", values.every ?? "5", 1, 3_600) * 1_000,
    kinds,
    seed: values.seed === undefined ? undefined : whole("--seed", values.seed, 0, 2 ** 32 - 1),
  };
}

const partKinds = ["edge", "keeper", "nats", "redis", "haproxy"] as const satisfies readonly PartKind[];

function whole(name: string, text: string, least: number, most: number): number {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new Mistake(`${name} is ${text}. Give a whole number from ${least} to ${most}.`);
}

function oneOf<Word extends string>(name: string, text: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw new Mistake(`${name} is ${text}. Give one of ${words.join(", ")}.`);
}
