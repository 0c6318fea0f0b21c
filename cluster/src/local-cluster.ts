// A whole cluster on this machine: NATS, Redis, keepers, edges and HAProxy, each of which can be taken away and come back.
import { randomBytes } from "node:crypto";
import { EdgeProcess } from "./edge-process.ts";
import { freePorts } from "./free-ports.ts";
import { Haproxy } from "./haproxy.ts";
import { KeeperProcess } from "./keeper-process.ts";
import { NatsServers } from "./nats-servers.ts";
import type { Part, PartKind, Server } from "./part.ts";
import { RedisSentinel } from "./redis-sentinel.ts";
import { RedisServer } from "./redis-server.ts";

export interface LocalClusterOptions {
  readonly edges: number;
  readonly keepers: number;
  readonly nats: 1 | 3;
  readonly redis: "single" | "sentinel";
  /** Processes for each edge. */
  readonly workers?: number;
  /** Where HAProxy listens; a free port unless given. */
  readonly port?: number;
  /** Sections of the configuration of edges and keepers, over what makes them find each other. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** The command of another build, for single edges and keepers by their names. */
  readonly entryOf?: (name: string) => string | undefined;
  /** Hears a line for each step. */
  readonly say?: (line: string) => void;
}

export class LocalCluster {
  readonly edges: readonly EdgeProcess[];
  readonly keepers: readonly KeeperProcess[];
  readonly nats: NatsServers;
  readonly redis: RedisServer | RedisSentinel;
  readonly proxy: Haproxy;
  /** Everything that can be taken away, by name. */
  readonly parts: readonly Part[];
  /** What edges and keepers are told of NATS and Redis. */
  readonly settings: Readonly<Record<string, unknown>>;

  private constructor(
    nats: NatsServers,
    redis: RedisServer | RedisSentinel,
    ports: readonly number[],
    options: LocalClusterOptions,
  ) {
    const { edges, keepers, workers = 1, settings = {}, entryOf = () => undefined } = options;
    this.nats = nats;
    this.redis = redis;
    this.settings = { ...settingsFor(nats, redis), ...settings };
    const entry = (name: string) => {
      const other = entryOf(name);
      return other === undefined ? {} : { entry: other };
    };
    const numbered = (kind: PartKind, count: number) => Array.from({ length: count }, (_, i) => `${kind}-${i + 1}`);
    const free = [...ports];
    const port = (): number => free.shift() ?? 0;
    this.edges = numbered("edge", edges).map((name) => {
      const several = workers > 1 ? { workers } : {};
      return new EdgeProcess({ name, port: port(), settings: this.settings, ...several, ...entry(name) });
    });
    this.keepers = numbered("keeper", keepers).map((name) => {
      return new KeeperProcess({ name, port: port(), settings: this.settings, ...entry(name) });
    });
    this.proxy = new Haproxy(
      options.port ?? port(),
      this.edges.map(({ name, port }) => ({ name, address: `127.0.0.1:${port}` })),
    );
    this.parts = [
      ...nats.servers.map((server, i) => partOf(`nats-${i + 1}`, "nats", server, () => server.healthy())),
      ...redisParts(redis),
      ...this.keepers,
      ...this.edges,
      this.proxy,
    ];
  }

  /** Resolves when clients can be served. */
  static async start(options: LocalClusterOptions): Promise<LocalCluster> {
    const { say = () => undefined } = options;
    say(options.nats === 1 ? "one nats-server" : "three nats-servers");
    const nats = await NatsServers.start({ count: options.nats });
    let redis: RedisServer | RedisSentinel | undefined;
    let cluster: LocalCluster | undefined;
    try {
      say(options.redis === "single" ? "Redis" : "Redis with a replica and three Sentinels");
      redis = options.redis === "single" ? await RedisServer.start() : await RedisSentinel.start();
      cluster = new LocalCluster(nats, redis, await freePorts(options.edges + options.keepers + 1), options);
      say(`${counted(options.edges, "edge")} and ${counted(options.keepers, "keeper")}`);
      await Promise.all([...cluster.keepers, ...cluster.edges].map((part) => part.start()));
      say("HAProxy");
      await cluster.proxy.start();
      return cluster;
    } catch (error) {
      if (cluster !== undefined) await cluster.stop();
      else await Promise.all([nats.stop(), redis?.stop()]);
      throw error;
    }
  }

  /** The page, through HAProxy. */
  get address(): string {
    return `http://127.0.0.1:${this.proxy.port}/`;
  }

  /** The socket, through HAProxy. */
  get url(): string {
    return `ws://127.0.0.1:${this.proxy.port}/v1/socket`;
  }

  part(name: string): Part {
    const part = this.parts.find((each) => each.name === name);
    if (part === undefined)
      throw new Error(`there is no ${name} here, but ${this.parts.map((p) => p.name).join(", ")}`);
    return part;
  }

  /** Ends everything at once and removes what it wrote. */
  async stop(): Promise<void> {
    await Promise.all([this.proxy, ...this.edges, ...this.keepers].map((part) => part.stop()));
    await Promise.all([this.nats.stop(), this.redis.stop()]);
  }
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}

function settingsFor(nats: NatsServers, redis: RedisServer | RedisSentinel): Readonly<Record<string, unknown>> {
  const { mode, nodes, sentinelName } = redis.address();
  return {
    // Four streams of it fit into what the servers of this machine may store.
    nats: { servers: [...nats.urls], replicas: nats.servers.length, storage: "file", maxBytes: "512MiB" },
    redis: {
      mode,
      nodes: nodes.map(({ host, port }) => `${host}:${port}`),
      ...(sentinelName === undefined ? {} : { sentinelName }),
    },
    // Every edge must know the tokens of the others.
    tokens: { keys: [{ id: "local", secret: randomBytes(32).toString("hex") }] },
    trustForwarded: 1,
    log: { format: "json" },
  };
}

function redisParts(redis: RedisServer | RedisSentinel): readonly Part[] {
  if (redis instanceof RedisServer) return [partOf("redis", "redis", redis)];
  return [
    ...redis.servers.map((server, i) => partOf(`redis-${i + 1}`, "redis", server)),
    ...redis.sentinels.map((server, i) => partOf(`sentinel-${i + 1}`, "redis", server)),
  ];
}

/** `usable`: resolves when a server that has started can be counted on again. */
function partOf(name: string, kind: PartKind, server: Server, usable = () => Promise.resolve()): Part {
  return {
    name,
    kind,
    get running() {
      return server.running;
    },
    kill: () => server.kill(),
    terminate: () => server.terminate(),
    pause: () => server.pause(),
    wake: () => server.wake(),
    start: async () => {
      await server.start();
      await usable();
    },
  };
}
