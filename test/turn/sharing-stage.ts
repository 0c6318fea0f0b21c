// Keepers that fetch and edges that read, over one real Redis and one real NATS, each with the permissions of its kind.
import { type Bus, natsPermissions, openBus } from "@heliograph/bus";
import { NatsServers, RedisServer } from "@heliograph/cluster";
import type { Happening, IceSets } from "@heliograph/core";
import { SystemClock, systemRandom } from "@heliograph/system";
import { Fetcher, SharedSource, type SharingTimes, sharingTimes } from "@heliograph/turn";
import { ScriptedService } from "@heliograph/turn/contract";
import { plainOptions, shards, witness } from "../contracts/bus-stage.ts";
import { Administrator, acl, age, keeper as keeperLogin, type Opened, open, user } from "../contracts/store-stage.ts";
import { until } from "../kit/until.ts";

export const admin = { user: "admin", pass: "secret" };

const config = `
authorization {
  users: [
    { user: admin, password: secret }
    { user: edge, password: secret, ${natsPermissions("edge", shards)} }
    { user: keeper, password: secret, ${natsPermissions("keeper", shards)} }
  ]
}`;

/** Looks come often, so that nobody waits for them; the clock of credentials is Redis' own, which tests move on. */
export const quick: SharingTimes = { ...sharingTimes, look: 150, asked: 50 };

interface Process {
  readonly bus: Bus;
  readonly opened: Opened;
  /** How often it has read the set. */
  readonly reads: () => number;
  close(): Promise<void>;
}

export interface RealKeeper extends Process {
  readonly fetcher: Fetcher;
}

export interface RealEdge extends Process {
  readonly source: SharedSource;
  readonly told: string[];
}

export class SharingServers {
  readonly nats: NatsServers;
  readonly redis: RedisServer;
  readonly administrator: Administrator;

  private constructor(nats: NatsServers, redis: RedisServer) {
    this.nats = nats;
    this.redis = redis;
    this.administrator = new Administrator([redis]);
  }

  static async start(): Promise<SharingServers> {
    const [nats, redis] = await Promise.all([
      NatsServers.start({ count: 1, config }),
      RedisServer.start({ acl, durable: true }),
    ]);
    return new SharingServers(nats, redis);
  }

  async stop(): Promise<void> {
    this.administrator.leave();
    await Promise.all([this.nats.stop(), this.redis.stop()]);
  }
}

/** The processes of one test. */
export class SharingStage {
  readonly servers: SharingServers;
  readonly service: ScriptedService;
  readonly keepers: RealKeeper[] = [];
  readonly edges: RealEdge[] = [];
  readonly fetched: Extract<Happening, { type: "ice_fetched" }>[] = [];
  readonly faults: unknown[] = [];
  readonly #clock = new SystemClock((error) => this.faults.push(error));
  readonly #times: SharingTimes;

  constructor(
    servers: SharingServers,
    { ttl = 600, times = quick }: { readonly ttl?: number; readonly times?: SharingTimes } = {},
  ) {
    this.servers = servers;
    this.#times = times;
    this.service = new ScriptedService("own", this.#clock, ttl);
  }

  /** Over an emptied memory, with one set that every edge has. */
  static async open(
    servers: SharingServers,
    options: { readonly ttl?: number; readonly times?: SharingTimes; readonly each?: number } = {},
  ): Promise<SharingStage> {
    await servers.administrator.everywhere("FLUSHALL");
    const stage = new SharingStage(servers, options);
    for (let i = 0; i < (options.each ?? 3); i += 1) {
      await stage.keeper();
      await stage.edge();
    }
    await stage.all(1);
    return stage;
  }

  async keeper(): Promise<RealKeeper> {
    const i = this.keepers.length;
    const { reads, sets, ...process } = await this.#process("keeper");
    const observer = {
      observe: (happening: Happening): void => {
        if (happening.type === "ice_fetched") this.fetched.push(happening);
        if (happening.type === "fault") this.faults.push(happening.error);
      },
    };
    const ports = { clock: this.#clock, random: systemRandom, sets, nodes: process.bus.nodes, observer };
    const fetcher = new Fetcher(this.service.provider(i), ports, this.#times);
    fetcher.start();
    const close = async (): Promise<void> => {
      fetcher.close();
      await process.close();
    };
    const keeper = { ...process, reads, fetcher, close };
    this.keepers.push(keeper);
    return keeper;
  }

  async edge(): Promise<RealEdge> {
    const { reads, sets, ...process } = await this.#process("edge");
    const source = new SharedSource(
      this.service.provider(-1),
      {
        clock: this.#clock,
        random: systemRandom,
        sets,
        nodes: process.bus.nodes,
        fault: (_where, error) => this.faults.push(error),
      },
      this.#times,
    );
    const told: string[] = [];
    source.onChange(() => told.push(source.state));
    await source.start();
    const close = async (): Promise<void> => {
      source.close();
      await process.close();
    };
    const edge = { ...process, reads, source, told, close };
    this.edges.push(edge);
    return edge;
  }

  get users(): readonly (string | undefined)[] {
    return this.edges.map(({ source }) => source.setFor()?.set.username);
  }

  /** Every edge gives out what the request of that number was answered. */
  all(n: number): Promise<void> {
    const { username } = ScriptedService.login(n);
    return until(`every edge gives out ${username}`, () => this.users.every((name) => name === username));
  }

  /** Time passes in Redis, for everything it keeps. */
  pass(ms: number): Promise<void> {
    return age(this.servers.administrator, ms);
  }

  /** Every process that is left has looked at least so often since. */
  async looked(times = 2): Promise<void> {
    const all = [...this.keepers, ...this.edges].map(({ reads }) => ({ reads, before: reads() }));
    await until("everybody has looked", () => all.every(({ reads, before }) => reads() >= before + times));
  }

  /** The keeper's process is gone as by SIGKILL: it says nothing any more, and nothing reaches it. */
  async kill(i: number): Promise<void> {
    const [killed] = this.keepers.splice(i, 1);
    await killed?.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.keepers, ...this.edges].map((each) => each.close()));
  }

  async #process(role: "edge" | "keeper"): Promise<Process & { readonly sets: IceSets }> {
    const login = role === "edge" ? user : keeperLogin;
    const opened = await open(this.servers.redis.address(login));
    const options = {
      ...plainOptions,
      user: role,
      password: "secret",
      servers: this.servers.nats.urls,
      replicas: 1 as const,
    };
    const bus = await openBus(options, witness().ports);
    const { iceSets } = opened.store;
    let reads = 0;
    return {
      bus,
      opened,
      reads: () => reads,
      sets: {
        get link() {
          return iceSets.link;
        },
        onLink: (hear) => iceSets.onLink(hear),
        read: async (provider) => {
          const answer = await iceSets.read(provider);
          reads += 1;
          return answer;
        },
        claim: (provider, token) => iceSets.claim(provider, token),
        commit: (provider, token, bytes, life) => iceSets.commit(provider, token, bytes, life),
        fail: (provider, token, wait) => iceSets.fail(provider, token, wait),
      },
      close: async () => {
        await Promise.all([bus.close(), opened.store.close()]);
        this.faults.push(...opened.faults());
      },
    };
  }
}
