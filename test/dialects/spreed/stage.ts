// Where conversations are held: one node of the standalone, or three edges over NATS and Redis, the first behind HAProxy.
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { freePorts, Haproxy, NatsServers, RedisServer } from "@heliograph/cluster";
import type { Config } from "@heliograph/config";
import type { Happening } from "@heliograph/core";
import type { Edge } from "@heliograph/edge";
import { startClusterEdge } from "@heliograph/edge";
import { startKeeper } from "@heliograph/keeper";
import { startStandalone } from "@heliograph/standalone";
import { vi } from "vitest";
import { configured } from "../../kit/server.ts";
import type { Coming } from "./client.ts";
import { SpreedClient } from "./client.ts";

/** As environment variables, without `HELIOGRAPH_`. */
export type Settings = Readonly<Record<string, string>>;
export type Kind = "one" | "three";

const doorPath = "/spreed/";

/** A standalone or an edge of a cluster, in the test's own process. */
interface Running {
  readonly edge: Edge;
  readonly reload: (news: { config: Config; changed: readonly string[]; renewed: readonly string[] }) => Promise<void>;
  readonly stop: () => Promise<void>;
}

export class Stage {
  readonly kind: Kind;
  readonly settings: Settings;
  /** What went wrong inside; tests expect none. */
  readonly faults: unknown[] = [];
  readonly happened: Happening[] = [];
  /** Connections that were ever opened here. */
  came = 0;
  /** Where clients come in: always three, which on one node are the same. */
  #bases: readonly string[] = [];
  #nodes: readonly Running[] = [];
  #ends: (() => Promise<unknown>)[] = [];
  #clients: SpreedClient[] = [];
  #ahead = 0;

  private constructor(kind: Kind, settings: Settings) {
    this.kind = kind;
    this.settings = { WEB_ENABLED: "false", TOKENS_KEYS: keys, ...settings };
  }

  static async open(kind: Kind, settings: Settings): Promise<Stage> {
    const stage = new Stage(kind, settings);
    try {
      if (kind === "one") await stage.#openOne();
      else await stage.#openThree();
    } catch (error) {
      await stage.close();
      throw error;
    }
    return stage;
  }

  get nodes(): readonly Running[] {
    return this.#nodes;
  }

  /** The dialect's address at a place; there are three. */
  base(place: number): string {
    return this.#bases[place] ?? "";
  }

  /** The same, past whoever stands in front and keeps what it may keep. */
  direct(place: number): string {
    const { port = 0 } = this.#nodes[place % this.#nodes.length]?.edge ?? {};
    return `http://127.0.0.1:${port}${doorPath}`;
  }

  /** Without a path. */
  origin(place: number): string {
    return new URL(this.base(place)).origin;
  }

  async come(place: number, coming: Coming = {}): Promise<SpreedClient> {
    const client = await SpreedClient.come(this.base(place), coming);
    this.came += 1;
    this.#clients.push(client);
    return client;
  }

  /** A, B and C, on three nodes where there are so many. */
  async abc(): Promise<readonly [SpreedClient, SpreedClient, SpreedClient]> {
    return Promise.all([this.come(0), this.come(1), this.come(2)]);
  }

  async ab(): Promise<readonly [SpreedClient, SpreedClient]> {
    return Promise.all([this.come(0), this.come(1)]);
  }

  /** From now on it is so much later: by the clock of all nodes, timers apart, and not by the clock of NATS. */
  pass(ms: number): void {
    this.#ahead += ms;
    const real = performance.timeOrigin;
    vi.spyOn(Date, "now").mockImplementation(() => Math.floor(real + performance.now()) + this.#ahead);
  }

  /** Takes over other settings, as a reload does. */
  async reload(settings: Settings, changed: readonly string[]): Promise<void> {
    const config = this.#configured(settings);
    for (const node of this.#nodes) await node.reload({ config, changed, renewed: [] });
  }

  /** Between two conversations: nobody is left, and it is now again. */
  async clear(): Promise<void> {
    await Promise.all(this.#clients.splice(0).map((client) => client.cut()));
    this.#ahead = 0;
    vi.restoreAllMocks();
    this.happened.length = 0;
  }

  async close(): Promise<void> {
    await this.clear();
    for (const end of this.#ends.splice(0).toReversed()) await end();
  }

  async #openOne(): Promise<void> {
    const running = await startStandalone(this.#configured({}), this.#observer, this.#onFallback);
    this.#ends.push(() => running.stop());
    this.#nodes = [running];
    const base = `http://127.0.0.1:${running.edge.port}${doorPath}`;
    this.#bases = [base, base, base];
  }

  async #openThree(): Promise<void> {
    const [nats, redis, [port = 0]] = await Promise.all([
      NatsServers.start({ count: 1 }),
      RedisServer.start(),
      freePorts(1),
    ]);
    this.#ends.push(() => nats.stop());
    this.#ends.push(() => redis.stop());
    this.#where = {
      NATS_SERVERS: nats.urls.join(","),
      NATS_STORAGE: "memory",
      NATS_MAX_BYTES: "16MiB",
      REDIS_NODES: `${redis.host}:${redis.port}`,
    };
    // Keepers alone ask services, and edges refuse what is only for that.
    const { TURN_PROVIDERS: providers } = this.settings;
    if (providers?.includes('"url"') === true) {
      const keeper = await startKeeper(this.#configured({ KEEPER_LISTEN_PORT: "0" }), this.#observer);
      this.#ends.push(() => keeper.stop());
    }
    const config = this.#configured(providers === undefined ? {} : { TURN_PROVIDERS: forEdges(providers) });
    this.#nodes = await Promise.all(
      [0, 1, 2].map(async () => {
        const running = await startClusterEdge(config, this.#observer, { onFallback: this.#onFallback });
        this.#ends.push(() => running.stop());
        return running;
      }),
    );
    const ports = this.#nodes.map(({ edge }) => edge.port);
    const proxy = new Haproxy(port, [{ name: "edge-1", address: `127.0.0.1:${ports[0]}` }]);
    this.#ends.push(() => proxy.stop());
    await proxy.start();
    this.#bases = [port, ports[1], ports[2]].map((each) => `http://127.0.0.1:${each}${doorPath}`);
    await this.#warmUp();
  }

  /** Nodes that have just begun do not know each other: nobody opens a room with settings before they do. */
  async #warmUp(): Promise<void> {
    const scouts = await Promise.all([0, 1, 2].map((place) => this.come(place)));
    await Promise.all(scouts.map((scout, place) => scout.hello(`warm-up-${place}`)));
    await this.clear();
  }

  #where: Settings = {};

  #configured(settings: Settings): Config {
    return configured({ ...this.settings, ...this.#where, ...settings }, (path) => readFileSync(path, "utf8"));
  }

  readonly #observer = {
    observe: (happening: Happening): void => {
      this.happened.push(happening);
      if (happening.type === "fault") this.faults.push(happening.error);
    },
  };

  readonly #onFallback = (reason: unknown): void => {
    this.faults.push(reason);
  };
}

/** What edges are told of providers: neither where they are nor how to be let in. */
function forEdges(providers: string): string {
  const list = JSON.parse(providers) as readonly Readonly<Record<string, unknown>>[];
  return JSON.stringify(list.map(({ url: _url, accessToken: _token, ...rest }) => rest));
}

/** The same for all nodes, as it must be. */
export const tokenSecret = randomBytes(32);
const keys = `[{id: k, secret: "${tokenSecret.toString("hex")}"}]`;
