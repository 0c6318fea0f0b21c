// A Redis Cluster of three masters, with a replica each where wanted.
import { RedisGroup } from "./redis-group.ts";
import type { RedisAddress, RedisServer, RedisServerOptions, RedisUser } from "./redis-server.ts";
import { waitThrough } from "./wait.ts";

export interface RedisClusterOptions extends RedisServerOptions {
  /** None when nothing is said. */
  readonly replicasPerMaster?: 0 | 1;
  /** Milliseconds after which a silent server counts as gone. */
  readonly nodeTimeout?: number;
}

const masters = 3;
const slots = 16_384;

export class RedisCluster {
  /** Masters first; then, in the same order, their replicas. */
  readonly servers: readonly RedisServer[];

  readonly #group: RedisGroup;

  private constructor(servers: readonly RedisServer[], group: RedisGroup) {
    this.servers = servers;
    this.#group = group;
  }

  /** Resolves once every server says that all slots are served. */
  static async start(options: RedisClusterOptions = {}): Promise<RedisCluster> {
    const { replicasPerMaster = 0, nodeTimeout = 1_500, settings = [] } = options;
    return RedisGroup.of(options, async (group) => {
      const servers: RedisServer[] = [];
      for (let i = 0; i < masters * (1 + replicasPerMaster); i += 1) {
        const member = [`cluster-node-timeout ${nodeTimeout}`, "repl-diskless-sync-delay 0"];
        servers.push(await group.start({ ...options, as: "cluster member", settings: [...member, ...settings] }));
      }
      const whole = new RedisCluster(servers, group);
      await whole.#join();
      return whole;
    });
  }

  /** As a store's options: every server as one to begin with. */
  address(user?: RedisUser): RedisAddress {
    const [first] = this.servers;
    if (first === undefined) throw new Error("a cluster has servers");
    return {
      ...first.address(user),
      mode: "cluster",
      nodes: this.servers.map(({ host, port }) => ({ host, port })),
    };
  }

  /** Tells every running master the same, and resolves with their answers. */
  async everywhere(...words: readonly string[]): Promise<readonly string[]> {
    const answers: string[] = [];
    for (const server of this.servers.filter(({ running }) => running)) {
      if ((await server.command("ROLE")).startsWith("master")) answers.push(await server.command(...words));
    }
    return answers;
  }

  /** Every running server says that all slots are served. */
  async settled(): Promise<void> {
    for (const server of this.servers.filter(({ running }) => running)) {
      await waitThrough("every slot is served", async () => {
        return (await server.command("CLUSTER", "INFO")).includes("cluster_state:ok");
      });
    }
  }

  stop(): Promise<void> {
    return this.#group.stop();
  }

  async #join(): Promise<void> {
    const [first] = this.servers;
    if (first === undefined) return;
    for (const [i, server] of this.servers.entries()) {
      await server.command("CLUSTER", "SET-CONFIG-EPOCH", `${i + 1}`);
      if (i < masters) await server.command("CLUSTER", "ADDSLOTSRANGE", ...rangeOf(i));
      if (server !== first) await server.command("CLUSTER", "MEET", first.host, `${first.port}`, `${first.busPort}`);
    }
    for (const server of this.servers) {
      await waitThrough("everybody has met everybody", async () => {
        const known = (await server.command("CLUSTER", "NODES")).split("\n");
        return known.length === this.servers.length && known.every((line) => !/handshake|fail|noaddr/.test(line));
      });
    }
    for (const [i, replica] of this.servers.slice(masters).entries()) {
      const id = await this.servers[i]?.command("CLUSTER", "MYID");
      await replica.command("CLUSTER", "REPLICATE", id ?? "");
      await waitThrough("a replica has what its master has", async () => {
        return (await replica.command("INFO", "replication")).includes("master_link_status:up");
      });
    }
    await this.settled();
  }
}

function rangeOf(master: number): [string, string] {
  const size = Math.ceil(slots / masters);
  return [`${master * size}`, `${Math.min((master + 1) * size, slots) - 1}`];
}
