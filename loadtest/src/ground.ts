// What edges stand on when they are measured: real nats-servers and a Redis, and the edges themselves, as processes.
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { EdgeProcess, freePorts, NatsServers, RedisServer } from "@heliograph/cluster";
import type { Target, Used } from "./target.ts";
import { cpuOf, rssOf } from "./usage.ts";

export interface GroundOptions {
  /** 1 unless given. */
  readonly edges?: number;
  /** 1: streams on one server; 3: on three, each with three replicas. */
  readonly nats?: 1 | 3;
  /** Streams; the default of a deployment unless given. */
  readonly shards?: number;
  /** More of the configuration file, section by section. */
  readonly settings?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** What the edges run in place of the heliograph command. */
  readonly entry?: string;
}

// BENCH_PROFILE names a folder for CPU profiles of the edges: where does the time go?
const profiled =
  process.env["BENCH_PROFILE"] === undefined
    ? undefined
    : fileURLToPath(new URL("./servers/profiled-edge.js", import.meta.url));

/** Bytes of each stream: four of them fit on the disk that the servers may use. */
export const streamBytes = 768 << 20;

export class Ground implements Target {
  readonly kind = "cluster";
  readonly edges: readonly EdgeProcess[];
  readonly nats: NatsServers;
  readonly redis: RedisServer;
  readonly #redisPid: number;

  private constructor(nats: NatsServers, redis: RedisServer, redisPid: number, edges: readonly EdgeProcess[]) {
    this.nats = nats;
    this.redis = redis;
    this.#redisPid = redisPid;
    this.edges = edges;
  }

  static async start(options: GroundOptions): Promise<Ground> {
    const { edges: count = 1, nats: servers = 1, shards, settings = {}, entry = profiled } = options;
    const nats = await NatsServers.start({ count: servers });
    const redis = await RedisServer.start();
    const shared = {
      native: { realm: "default" },
      web: { enabled: false },
      tokens: { keys: [{ id: "bench", secret: randomBytes(32).toString("hex") }] },
      nats: {
        servers: nats.urls,
        replicas: servers,
        maxBytes: streamBytes,
        ...(shards === undefined ? {} : { shards }),
      },
      redis: { nodes: redis.address().nodes.map(({ host, port }) => `${host}:${port}`) },
      log: { level: "warn", format: "json" },
      // Several share this machine, whatever their entry is, and none of them needs a public server.
      internal: { listen: { port: 0 } },
      turn: { stun: [] },
      ...settings,
      // The load is meant to saturate: the allowance of one client must not be what is measured.
      limits: {
        commandsPerSecond: 100_000,
        commandBurst: 1_000_000,
        connectionsPerAddress: 1_000_000,
        ...settings["limits"],
      },
    };
    const edges = (await freePorts(count)).map(
      (port, i) =>
        new EdgeProcess({ name: `edge-${i}`, port, settings: shared, ...(entry === undefined ? {} : { entry }) }),
    );
    const redisPid = Number((await redis.command("INFO", "server")).match(/process_id:(\d+)/)?.[1]);
    const ground = new Ground(nats, redis, redisPid, edges);
    try {
      // One after the other: the first makes the streams, and three starting at once would share two cores.
      for (const edge of edges) await edge.start();
      return ground;
    } catch (error) {
      await ground.end();
      throw error;
    }
  }

  get ports(): readonly number[] {
    return this.edges.map(({ port }) => port);
  }

  async used(): Promise<Used> {
    const of = (read: (pid: number) => number, pids: readonly (number | undefined)[]): number =>
      pids.reduce<number>((sum, pid) => sum + (pid === undefined ? 0 : read(pid)), 0);
    const edges = this.edges.map(({ pid }) => pid);
    return {
      edges: of(cpuOf, edges),
      nats: of(
        cpuOf,
        this.nats.servers.map(({ pid }) => pid),
      ),
      redis: of(cpuOf, [this.#redisPid]),
      rss: of(rssOf, edges),
    };
  }

  /** Nobody can ask a process that is not ours to collect its garbage: read as it stands. */
  settled(): Promise<Used> {
    return this.used();
  }

  /** Bundles that were ever appended, over all shards: the last sequences of the streams, on the server that knows most. */
  async bundles(): Promise<number> {
    const counts = await Promise.all(
      this.nats.servers.map(async (server) => sequences(await server.monitor("/jsz?streams=true"))),
    );
    return Math.max(...counts);
  }

  async end(): Promise<void> {
    // SIGTERM only where a profile is to be written.
    await Promise.all(this.edges.map((edge) => (profiled === undefined ? edge.kill() : edge.terminate())));
    await Promise.all(this.edges.map((edge) => edge.stop()));
    await this.redis.stop();
    await this.nats.stop();
  }
}

interface Streams {
  readonly account_details?: readonly {
    readonly stream_detail?: readonly { readonly name: string; readonly state: { readonly last_seq: number } }[];
  }[];
}

function sequences(page: unknown): number {
  const { account_details: accounts = [] } = page as Streams;
  let sum = 0;
  for (const { stream_detail: streams = [] } of accounts) {
    for (const { name, state } of streams) if (name.startsWith("HG_")) sum += state.last_seq;
  }
  return sum;
}
