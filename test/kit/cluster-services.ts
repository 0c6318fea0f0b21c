// One NATS server and one Redis, and the built edges and keepers over them, for tests of their processes.
import { NatsServers, type NatsServersOptions, RedisServer } from "@heliograph/cluster";
import { mains, ServiceProcess } from "./service-process.ts";

type Settings = Readonly<Record<string, string>>;

/** The same for all edges, as it must be. */
export const tokenKeys = `[{id: k, secret: "${"5a".repeat(32)}"}]`;

export class ClusterServices {
  readonly nats: NatsServers;
  readonly redis: RedisServer;
  readonly #running: ServiceProcess[] = [];

  private constructor(nats: NatsServers, redis: RedisServer) {
    this.nats = nats;
    this.redis = redis;
  }

  static async start(options: Partial<NatsServersOptions> = {}): Promise<ClusterServices> {
    const [nats, redis] = await Promise.all([NatsServers.start({ count: 1, ...options }), RedisServer.start()]);
    return new ClusterServices(nats, redis);
  }

  /** Where they are, as environment variables without `HELIOGRAPH_`. */
  get settings(): Settings {
    return {
      NATS_SERVERS: this.nats.urls.join(","),
      NATS_STORAGE: "memory",
      NATS_MAX_BYTES: "16MiB",
      REDIS_NODES: `${this.redis.host}:${this.redis.port}`,
      TOKENS_KEYS: tokenKeys,
      WEB_ENABLED: "false",
    };
  }

  /** Begun, and perhaps not ready. */
  edge(settings: Settings = {}, files: Settings = {}): ServiceProcess {
    return this.#keep({ main: mains.edge, settings: { ...this.settings, LISTEN_PORT: "0", ...settings }, files });
  }

  async readyEdge(settings: Settings = {}): Promise<ServiceProcess> {
    const edge = this.edge(settings);
    await edge.line("Heliograph is ready");
    return edge;
  }

  keeper(settings: Settings = {}): ServiceProcess {
    return this.#keep({ main: mains.keeper, settings: { ...this.settings, KEEPER_LISTEN_PORT: "0", ...settings } });
  }

  /** The `heliograph` command, as it is typed. */
  typed(...args: readonly string[]): ServiceProcess {
    return this.#keep({ main: mains.command, args, settings: this.settings });
  }

  /** Ends the edges and keepers: a test's own. */
  async endServices(): Promise<void> {
    for (const each of this.#running.splice(0)) await each.end();
  }

  async stop(): Promise<void> {
    await this.endServices();
    await Promise.all([this.nats.stop(), this.redis.stop()]);
  }

  #keep(options: ConstructorParameters<typeof ServiceProcess>[0]): ServiceProcess {
    const started = new ServiceProcess(options);
    this.#running.push(started);
    return started;
  }
}
