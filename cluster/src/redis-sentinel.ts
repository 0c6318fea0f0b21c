// A primary with its replicas under three Sentinels that put a replica in its place when it is gone.
import { RedisGroup } from "./redis-group.ts";
import type { RedisAddress, RedisServer, RedisServerOptions, RedisUser } from "./redis-server.ts";
import { waitThrough } from "./wait.ts";

export interface RedisSentinelOptions extends RedisServerOptions {
  /** One when nothing is said. */
  readonly replicas?: 1 | 2;
  /** Milliseconds after which a silent primary counts as gone. */
  readonly downAfter?: number;
}

/** As the Sentinels call what they watch. */
const name = "heliograph";

export class RedisSentinel {
  /** The first was the primary at the start. */
  readonly servers: readonly RedisServer[];
  readonly sentinels: readonly RedisServer[];
  readonly #group: RedisGroup;

  private constructor(servers: readonly RedisServer[], sentinels: readonly RedisServer[], group: RedisGroup) {
    this.servers = servers;
    this.sentinels = sentinels;
    this.#group = group;
  }

  /** Resolves once every replica has what the primary has, and the Sentinels know all of them and each other. */
  static async start(options: RedisSentinelOptions = {}): Promise<RedisSentinel> {
    const { replicas = 1, downAfter = 500, settings = [], password } = options;
    return RedisGroup.of(options, async (group) => {
      const primary = await group.start({ ...options, settings: ["repl-diskless-sync-delay 0", ...settings] });
      const servers = [primary];
      for (let i = 0; i < replicas; i += 1) {
        const following = ["repl-diskless-sync-delay 0", `replicaof ${primary.host} ${primary.port}`, ...settings];
        servers.push(await group.start({ ...options, settings: following }));
      }
      const sentinels: RedisServer[] = [];
      for (let i = 0; i < 3; i += 1) {
        const watching = [
          `sentinel monitor ${name} ${primary.host} ${primary.port} 2`,
          `sentinel down-after-milliseconds ${name} ${downAfter}`,
          `sentinel failover-timeout ${name} 1000`,
          ...(password === undefined ? [] : [`sentinel auth-pass ${name} ${password}`]),
        ];
        const { program = "redis", tls = false } = options;
        sentinels.push(await group.start({ program, tls, as: "sentinel", settings: watching }));
      }
      const whole = new RedisSentinel(servers, sentinels, group);
      await whole.settled();
      return whole;
    });
  }

  /** As a store's options. */
  address(user?: RedisUser): RedisAddress {
    const [first] = this.servers;
    if (first === undefined) throw new Error("there is a primary at the start");
    return {
      ...first.address(user),
      mode: "sentinel",
      nodes: this.sentinels.map(({ host, port }) => ({ host, port })),
      sentinelName: name,
    };
  }

  /** The server that the Sentinels name; undefined: one that is not ours, or none can be asked. */
  async primary(): Promise<RedisServer | undefined> {
    for (const sentinel of this.sentinels.filter(({ running }) => running)) {
      const [, port] = (await sentinel.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name)).split("\n");
      return this.servers.find((server) => `${server.port}` === port);
    }
    return undefined;
  }

  /** Asks the present primary. */
  async command(...words: readonly string[]): Promise<string> {
    const primary = await this.primary();
    if (primary === undefined) throw new Error("there is no primary");
    return primary.command(...words);
  }

  /** Resolves once there is another primary than this one, and it takes writes. */
  async replaced(former: RedisServer): Promise<RedisServer> {
    let now: RedisServer | undefined;
    await waitThrough("another server is the primary", async () => {
      now = await this.primary();
      return now !== undefined && now !== former && (await now.command("ROLE")).startsWith("master");
    });
    if (now === undefined) throw new Error("there is no primary");
    return now;
  }

  /** Every server runs and has what the primary has, and every Sentinel knows it. */
  async settled(): Promise<void> {
    const others = this.servers.length - 1;
    await waitThrough("the replicas have what the primary has", async () => {
      const info = await this.command("INFO", "replication");
      return (info.match(/state=online/g) ?? []).length === others;
    });
    for (const sentinel of this.sentinels) {
      await waitThrough("the Sentinels know everybody", async () => {
        const words = (await sentinel.command("SENTINEL", "MASTER", name)).split("\n");
        const of = (what: string): string | undefined => words[words.indexOf(what) + 1];
        return of("num-slaves") === `${others}` && of("num-other-sentinels") === "2" && of("flags") === "master";
      });
    }
  }

  stop(): Promise<void> {
    return this.#group.stop();
  }
}
