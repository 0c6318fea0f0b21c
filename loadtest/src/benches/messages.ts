// What a message costs: CPU for each, as a ratio to the bare relay that is measured in the same run.
import { against, range } from "../against.ts";
import { atMost, type Bench, type BenchOptions, type Row, type Standing } from "../bench.ts";
import { broadcast } from "../scenarios/broadcast.ts";
import { type UnicastOptions, unicast } from "../scenarios/unicast.ts";
import type { Kind } from "../target.ts";

type Contender = Exclude<Kind, "relay">;

interface MessageBench {
  readonly name: string;
  readonly about: string;
  readonly load: UnicastOptions["load"];
  readonly roomSize: number;
  readonly durable: boolean;
  /** Ratios to the relay that are the goal; absent: reported only. */
  readonly goals: Partial<Record<Contender, number>>;
}

const benches: readonly MessageBench[] = [
  {
    name: "unicast-4",
    about: "durable unicast, 100 clients in rooms of 4, 4 outstanding, saturated",
    load: { window: 4 },
    roomSize: 4,
    durable: true,
    goals: { memory: 1.4, cluster: 1.3 },
  },
  {
    name: "unicast-1",
    about: "durable unicast, 100 clients in rooms of 4, 1 outstanding, saturated",
    load: { window: 1 },
    roomSize: 4,
    durable: true,
    goals: { memory: 2, cluster: 2 },
  },
  {
    name: "busy-room",
    about: "durable unicast in one busy room of 100, 4 outstanding, saturated",
    load: { window: 4 },
    roomSize: 100,
    durable: true,
    goals: { cluster: 1.5 },
  },
  {
    name: "paced",
    about: "durable unicast, 100 clients in rooms of 4, paced at 5,000 /s",
    load: { perSecond: 5_000 },
    roomSize: 4,
    durable: true,
    goals: { cluster: 5 },
  },
  {
    name: "volatile",
    about: "volatile unicast on one node, 100 clients in rooms of 4, 4 outstanding, saturated",
    load: { window: 4 },
    roomSize: 4,
    durable: false,
    goals: { cluster: 1.1 },
  },
  {
    name: "volatile-5k",
    about: "volatile unicast on one node, 100 clients in rooms of 4, paced at 5,000 /s",
    load: { perSecond: 5_000 },
    roomSize: 4,
    durable: false,
    goals: { cluster: 1.35 },
  },
  {
    name: "volatile-10k",
    about: "volatile unicast on one node, 100 clients in rooms of 4, paced at 10,000 /s",
    load: { perSecond: 10_000 },
    roomSize: 4,
    durable: false,
    goals: { cluster: 1.35 },
  },
];

/** Milliseconds of warm-up and of measurement. */
export function times({ quick }: BenchOptions): { readonly warmUp: number; readonly measured: number } {
  return quick ? { warmUp: 300, measured: 1_000 } : { warmUp: 1_500, measured: 3_000 };
}

export const messageBenches: readonly Bench[] = benches.map(({ name, about, load, roomSize, durable, goals }) => ({
  name,
  about,
  run: async (options) => {
    const others: readonly Contender[] = goals.memory === undefined ? ["cluster"] : ["memory", "cluster"];
    const measure = (kind: Kind) =>
      unicast(kind, { clients: 100, roomSize, load, durable, bytes: 270, ...times(options) });
    return ratioRows(about, options, others, measure, (kind) => goals[kind]);
  },
}));

export const broadcastBenches: readonly Bench[] = [1, 4].map((window) => ({
  name: `broadcast-${window}`,
  about: `broadcast to 1,000 members on one node, ${window} a tick, per delivery, against uWS publish`,
  run: async (options) => {
    const about = `broadcast to 1,000 members on one node, ${window} a tick, per delivery`;
    const others = ["memory", "cluster"] as const;
    const measure = async (kind: Kind) => {
      const { cpuPerDelivery, perSecond } = await broadcast(kind, {
        members: options.quick ? 200 : 1_000,
        window,
        bytes: 270,
        ...times(options),
      });
      return { edges: cpuPerDelivery, nats: 0, redis: 0, perSecond };
    };
    return ratioRows(about, options, others, measure, () => (window === 1 ? 1 : 1.25));
  },
}));

/** A row for each contender, beside the relay that is measured in turn with them. */
async function ratioRows(
  about: string,
  options: BenchOptions,
  others: readonly Contender[],
  measure: Parameters<typeof against>[3],
  goalOf: (kind: Contender) => number | undefined,
): Promise<readonly Row[]> {
  const compared = await against(about, options, others, measure);
  return others.map((kind) => ratioRow(`${about}, ${kind}`, compared.ratio(kind), goalOf(kind)));
}

function ratioRow(what: string, ratio: { least: number; median: number; most: number }, goal: number | undefined): Row {
  const standing: Standing = goal === undefined ? "reported" : atMost(ratio.median, goal);
  return {
    what,
    measured: `${range(ratio, 2)} x relay`,
    goal: goal === undefined ? "none" : `at most ${goal} x`,
    standing,
  };
}
