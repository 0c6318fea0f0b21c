// Real NATS and Redis servers as ground; every node reaches them through gates of its own, where its links can be cut.
import { openBus } from "@heliograph/bus";
import { Gate, NatsServers, RedisSentinel, RedisServer } from "@heliograph/cluster";
import type { NodeId } from "@heliograph/protocol";
import { openStore } from "@heliograph/store";
import type { Footing, FootingParts, Ground, Way } from "./ground.ts";

export interface RealGroundOptions {
  /** Three where the row needs a cluster: replicas are as many. */
  readonly nats?: 1 | 3;
  /** Under Sentinels no gate can stand in between: they name the addresses. */
  readonly redis?: "single" | "sentinel";
}

export class RealGround implements Ground {
  readonly nats: NatsServers;
  readonly redis: RedisServer | RedisSentinel;
  readonly log: Way;
  readonly memory: Way;

  private constructor(nats: NatsServers, redis: RedisServer | RedisSentinel) {
    this.nats = nats;
    this.redis = redis;
    const everyServer = (what: (server: NatsServers["servers"][number]) => Promise<void> | void) => async () => {
      await Promise.all(nats.servers.map(what));
    };
    this.log = {
      cut: everyServer((server) => server.kill()),
      blackhole: everyServer((server) => server.pause()),
      mend: async () => {
        for (const server of nats.servers) server.wake();
        await everyServer((server) => server.start())();
        await nats.healthy();
      },
    };
    const servers = redis instanceof RedisServer ? [redis] : redis.servers;
    this.memory = {
      cut: async () => {
        await Promise.all(servers.map((server) => server.kill()));
      },
      blackhole: () => {
        for (const server of servers) server.pause();
      },
      mend: async () => {
        for (const server of servers) server.wake();
        await Promise.all(servers.map((server) => server.start()));
      },
    };
  }

  static async start({ nats = 1, redis = "single" }: RealGroundOptions = {}): Promise<RealGround> {
    const [servers, memory] = await Promise.all([
      NatsServers.start({ count: nats }),
      redis === "single" ? RedisServer.start() : RedisSentinel.start(),
    ]);
    return new RealGround(servers, memory);
  }

  async footing({ id, clock, random, observer, settings }: FootingParts): Promise<Footing> {
    const { nats, redis } = this;
    const natsGates = await Promise.all(nats.servers.map(({ port }) => Gate.before("127.0.0.1", port)));
    const redisGate = redis instanceof RedisServer ? await Gate.before(redis.host, redis.port) : undefined;
    const address = redis.address();
    const store = await openStore(
      redisGate === undefined ? address : { ...address, nodes: [{ host: "127.0.0.1", port: redisGate.port }] },
      { clock, random, observer },
    );
    const bus = await openBus(
      {
        servers: natsGates.map(({ port }) => `nats://127.0.0.1:${port}`),
        name: id,
        shards: 4,
        replicas: nats.servers.length,
        maxAge: settings.logLife,
        maxBytes: 256 << 20,
        storage: "file",
        largestFrame: settings.limits.frameBytes,
      },
      { clock, random, observer, copies: store.copies },
    );
    const { log, whisper, nodes } = bus;
    const { copies, directory, counters } = store;
    return {
      ports: { log, whisper, nodes, copies, directory, counters },
      log: wayOf(natsGates),
      memory: wayOf(redisGate === undefined ? [] : [redisGate]),
      held: () => Object.values(bus.size).reduce((sum, count) => sum + count, 0),
      leave: async () => {
        await bus.close();
        await store.close();
        await Promise.all([...natsGates, ...(redisGate === undefined ? [] : [redisGate])].map((gate) => gate.close()));
      },
    };
  }

  async loseLog(): Promise<void> {
    await this.nats.loseStorage();
  }

  async loseMemory(): Promise<void> {
    await this.redis.command("FLUSHALL");
  }

  async ownerless(nodes: readonly NodeId[]): Promise<readonly string[]> {
    const left: string[] = [];
    const primary = this.redis instanceof RedisServer ? this.redis : await this.redis.primary();
    if (primary === undefined) return ["nobody can be asked"];
    for (const key of (await primary.command("--scan")).split("\n").filter((line) => line !== "")) {
      if (nodes.some((node) => key.includes(node))) continue;
      // -1: it has no end. -2: it went meanwhile.
      if ((await primary.command("TTL", key)) === "-1") left.push(key);
    }
    return left;
  }

  async end(): Promise<void> {
    await Promise.all([this.nats.stop(), this.redis.stop()]);
  }
}

function wayOf(gates: readonly Gate[]): Way {
  const each = (what: (gate: Gate) => void) => () => {
    for (const gate of gates) what(gate);
  };
  return {
    cut: each((gate) => gate.cut()),
    blackhole: each((gate) => gate.blackhole()),
    mend: each((gate) => gate.mend()),
  };
}
