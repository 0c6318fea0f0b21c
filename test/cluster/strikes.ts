// What is done to the cluster in a round, kind by kind: who dies or falls silent, when, and how it comes back.
import type { EdgeProcess, LocalCluster, Part } from "@heliograph/cluster";
import { RedisSentinel } from "@heliograph/cluster";
import { until } from "../kit/until.ts";
import { eventually } from "./eventually.ts";
import type { Dice } from "./load/dice.ts";

/** One round as a strike sees it. */
export interface Blow {
  readonly cluster: LocalCluster;
  readonly dice: Dice;
  readonly round: number;
  /** Names of all rooms. */
  readonly rooms: readonly string[];
  /** The nodes that serve somebody. */
  nodes(): ReadonlySet<string>;
  /** The part of the round's messages that has been offered by now. */
  offered(): number;
  /** Resolves when this part of the round's messages has been offered. */
  moment(part: number): Promise<void>;
  /** Writes down what is done now. */
  struck(how: string, part: Part): void;
}

export interface Strike {
  /** How long messages are offered, in seconds. */
  readonly seconds: number;
  hit(blow: Blow): Promise<void>;
}

export const kinds = ["edge", "keeper", "redis", "haproxy", "rolling", "pause", "nats"] as const;
export type Kind = (typeof kinds)[number];

/**
 * Milliseconds after which HAProxy has seen that an edge is ready: three of its checks. A deployment waits as long before it
 * goes on, or everybody would move to the one edge that is left.
 */
const seenByBalancer = 1_500;

export const strikes: Readonly<Record<Kind, Strike>> = {
  edge: { seconds: 5, hit: async (blow) => killAndReturn(blow, oneInUse(blow)) },

  /** Together with an edge: otherwise keepers have nothing to do. */
  keeper: {
    seconds: 5,
    hit: async (blow) => {
      const { cluster, dice } = blow;
      await Promise.all([killAndReturn(blow, dice.of(cluster.keepers)), killAndReturn(blow, oneInUse(blow))]);
    },
  },

  /**
   * The primary dies, and its replica takes over with nothing at all: what every failover may lose, at its worst. Once
   * the copies have been written again an edge dies, whose rooms need them.
   */
  redis: {
    seconds: 15,
    hit: async (blow) => {
      const { redis } = blow.cluster;
      if (!(redis instanceof RedisSentinel)) throw new Error("this cluster has no Sentinels");
      const primary = await redis.primary();
      const replica = redis.servers.find((server) => server !== primary);
      if (primary === undefined || replica === undefined) throw new Error("there is no primary");
      const part = blow.cluster.part(`redis-${redis.servers.indexOf(primary) + 1}`);
      await blow.moment(0.05);
      blow.struck("SIGKILL primary, copies lost,", part);
      // Nothing is written meanwhile, or the replica would have halves of copies, which no failover makes.
      part.pause();
      await replica.command("CONFIG", "SET", "replica-read-only", "no");
      await replica.command("FLUSHALL");
      await part.kill();
      const now = await redis.replaced(primary);
      const replaced = Date.now();
      const rooms = blow.rooms.map((room) => `hg:{r:default:${room}}`);
      await until("the copies are written again", async () => {
        return Number(await now.command("EXISTS", ...rooms)) === rooms.length;
      });
      blow.struck(
        `copies back ${Date.now() - replaced} ms after the failover to`,
        blow.cluster.part(`redis-${redis.servers.indexOf(now) + 1}`),
      );
      await killAndReturn(blow, oneInUse(blow), 0.2);
      await part.start();
      await redis.settled();
    },
  },

  /** Back at once, as a service is: everybody behind it is cut all the same. */
  haproxy: { seconds: 10, hit: async (blow) => killAndReturn(blow, blow.cluster.proxy, 0.02) },

  /** One edge after the other drains, ends and comes back, as a deployment does it. */
  rolling: {
    seconds: 15,
    hit: async (blow) => {
      for (const [index, edge] of blow.cluster.edges.entries()) {
        await blow.moment(0.05 + 0.3 * index);
        blow.struck("SIGTERM", edge);
        await edge.terminate();
        await edge.start();
        const ready = Date.now();
        await eventually(() => Date.now() - ready >= seenByBalancer, 2 * seenByBalancer);
      }
    },
  },

  /** Longer than clients wait for a sign of life: their sessions have moved when it wakes. */
  pause: {
    seconds: 22,
    hit: async (blow) => {
      const edge = oneInUse(blow);
      await blow.moment(0.05);
      blow.struck("SIGSTOP", edge);
      edge.pause();
      try {
        await blow.moment(0.75);
      } finally {
        blow.struck("SIGCONT", edge);
        edge.wake();
      }
    },
  },

  /** The leader of a stream in every second round, from the first on. Its rooms wait until another is elected. */
  nats: {
    seconds: 20,
    hit: async (blow) => {
      const { cluster, dice, round } = blow;
      const shard = dice.below(4);
      const leads = await cluster.nats.leaderOf(`HG_${shard}`);
      const index = round % 2 === 0 ? (leads + 1) % cluster.nats.servers.length : leads;
      const server = cluster.part(`nats-${index + 1}`);
      await blow.moment(0.1);
      blow.struck(index === leads ? `SIGKILL leader of HG_${shard}` : "SIGKILL", server);
      await server.kill();
      await blow.moment(0.5);
      await server.start();
      await cluster.nats.healthy();
    },
  },
};

/**
 * One that came back serves nobody until another dies, and its death would show nothing. The dice are thrown alike
 * whoever serves whom, so that a seed strikes the same edges again.
 */
function oneInUse({ cluster, dice, nodes }: Blow): EdgeProcess {
  const used = nodes();
  const [first, ...others] = dice.shuffled(cluster.edges);
  const edge = [first, ...others].find((each) => each !== undefined && used.has(each.node)) ?? first;
  if (edge === undefined) throw new Error("a cluster has edges");
  return edge;
}

async function killAndReturn(blow: Blow, part: Part, away = 0.4): Promise<void> {
  await blow.moment(0.1);
  blow.struck("SIGKILL", part);
  const after = blow.offered() + away;
  await part.kill();
  await blow.moment(after);
  await part.start();
}
