// Opens connections with ioredis, checks who answers, and leaves all trying again to the link.

import { readFileSync } from "node:fs";
import type { ClusterOptions, RedisOptions, SentinelConnectionOptions } from "ioredis";
import { Cluster, Redis } from "ioredis";
import type { Client, Dial, Part, Word } from "./client.ts";
import { checkSize, Refusal } from "./client.ts";
import { meaningOf } from "./errors.ts";
import { keys } from "./keys.ts";
import type { StoreOptions } from "./options.ts";
import { Script } from "./script.ts";
import { checkServer } from "./server.ts";
import { slotCount, slotOf } from "./slot.ts";

/** Milliseconds for one connection of several that an attempt may need. */
const connectTimeout = 1_000;

/** Every attempt of its own making is off: what was sent when a connection broke may have happened. */
const common = {
  lazyConnect: true,
  enableReadyCheck: false,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout,
  disconnectTimeout: 200,
  connectionName: "heliograph",
  disableClientInfo: true,
  keepAlive: 10_000,
} as const satisfies RedisOptions;

const trial = new Script("trial");

export function dialer(options: StoreOptions): Dial {
  let attempt = 0;
  return async (signal) => {
    attempt += 1;
    const client =
      options.mode === "cluster" ? await openCluster(options, signal) : await openOne(options, attempt, signal);
    const abandon = (): void => client.close();
    signal.addEventListener("abort", abandon, { once: true });
    try {
      signal.throwIfAborted();
      await checkServer(client, options.mode);
      for (const part of client.parts()) await tryPermissions(client, part);
      return client;
    } catch (error) {
      client.close();
      throw meaningOf(error) === "refused" ? refusalOf(error, options) : error;
    } finally {
      signal.removeEventListener("abort", abandon);
    }
  };
}

/** One server, or the one that Sentinels name. */
async function openOne(options: StoreOptions, attempt: number, signal: AbortSignal): Promise<SingleClient> {
  const said: unknown[] = [];
  const redis = new Redis({
    ...common,
    ...identity(options),
    retryStrategy: () => null,
    db: options.database ?? 0,
    ...(options.mode === "sentinel" ? sentinelOptions(options, attempt) : options.nodes[0]),
  });
  redis.on("error", (error: unknown) => said.push(error));
  redis.on("sentinelError", (error: unknown) => said.push(error));
  const abandon = (): void => redis.disconnect();
  signal.addEventListener("abort", abandon, { once: true });
  try {
    await redis.connect();
    return new SingleClient(redis);
  } catch (error) {
    redis.disconnect();
    throw whyNot([error, ...said], options);
  } finally {
    signal.removeEventListener("abort", abandon);
  }
}

async function openCluster(options: StoreOptions, signal: AbortSignal): Promise<ClusterClient> {
  const said: unknown[] = [];
  const settings: ClusterOptions = {
    lazyConnect: true,
    enableOfflineQueue: false,
    enableReadyCheck: true,
    clusterRetryStrategy: () => null,
    // What was under way when a connection broke may have happened: asking again is the caller's choice.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    slotsRefreshTimeout: connectTimeout,
    slotsRefreshInterval: 5_000,
    // Names stay names: a certificate is made out to them.
    dnsLookup: (address, callback) => callback(null, address),
    redisOptions: { ...common, ...identity(options) },
  };
  const cluster = new Cluster([...options.nodes], settings);
  cluster.on("error", (error: unknown) => said.push(error));
  cluster.on("node error", (error: unknown) => said.push(error));
  const abandon = (): void => cluster.disconnect();
  signal.addEventListener("abort", abandon, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      cluster.once("ready", resolve);
      // Some of its failures end it without rejecting what `connect` gave.
      cluster.once("end", () => reject(new Error("no server of the Cluster is of use")));
      cluster.connect().catch(reject);
    });
    return new ClusterClient(cluster);
  } catch (error) {
    cluster.disconnect();
    throw whyNot([error, ...said], options);
  } finally {
    signal.removeEventListener("abort", abandon);
  }
}

class SingleClient implements Client {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  call(command: string, words: readonly Word[]): Promise<unknown> {
    checkSize(words);
    return this.#redis.callBuffer(command, [...words]);
  }

  parts(): readonly Part[] {
    return [{ connection: this.#redis, lifeKey: keys.life(0) }];
  }

  onEnd(listener: () => void): void {
    this.#redis.once("close", listener);
  }

  onChange(): void {
    // One server does not change; another one is another connection.
  }

  close(): void {
    this.#redis.removeAllListeners("close");
    this.#redis.disconnect();
  }
}

class ClusterClient implements Client {
  readonly #cluster: Cluster;
  readonly #lifeSlots: number[] = [];

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  call(command: string, words: readonly Word[]): Promise<unknown> {
    checkSize(words);
    return this.#cluster.callBuffer(command, [...words]);
  }

  /** Whoever serves a slot is a part, whether there is a connection to it or not. */
  parts(): readonly Part[] {
    const { slots } = this.#cluster;
    const owners = new Set(Array.from({ length: slotCount }, (_, slot) => slots[slot]?.[0]));
    if (owners.has(undefined)) throw new Error("the Cluster does not serve every slot");
    const connections = new Map(
      this.#cluster.nodes("master").map((redis) => [`${redis.options.host}:${redis.options.port}`, redis]),
    );
    const parts: Part[] = [];
    for (let i = 0; owners.size > 0; i += 1) {
      const owner = slots[this.#lifeSlot(i)]?.[0];
      if (!owners.delete(owner)) continue;
      // Without a connection the question makes one, or fails.
      parts.push({ connection: connections.get(owner ?? "") ?? {}, lifeKey: keys.life(i) });
    }
    return parts;
  }

  /** The slots of life keys are spread at random: soon or late every slot has one. */
  #lifeSlot(i: number): number {
    const slot = this.#lifeSlots[i] ?? slotOf(keys.life(i));
    this.#lifeSlots[i] = slot;
    return slot;
  }

  onEnd(listener: () => void): void {
    this.#cluster.once("end", listener);
  }

  onChange(listener: () => void): void {
    this.#cluster.on("-node", listener);
    this.#cluster.on("+node", listener);
  }

  close(): void {
    for (const event of ["end", "-node", "+node"]) this.#cluster.removeAllListeners(event);
    this.#cluster.disconnect();
  }
}

function identity({ username, password, tls }: StoreOptions): RedisOptions {
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls: tlsOf(tls) }),
  };
}

function tlsOf({ caFile, certFile, keyFile }: NonNullable<StoreOptions["tls"]>): NonNullable<RedisOptions["tls"]> {
  return {
    ...(caFile === undefined ? {} : { ca: read(caFile) }),
    ...(certFile === undefined ? {} : { cert: read(certFile) }),
    ...(keyFile === undefined ? {} : { key: read(keyFile) }),
  };
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Refusal(`${file} cannot be read: name a file in redis.tls that this process may read`, { cause });
  }
}

function sentinelOptions(options: StoreOptions, attempt: number): Partial<SentinelConnectionOptions> & RedisOptions {
  const { nodes, sentinelName, sentinelUsername, sentinelPassword, tls } = options;
  // A Sentinel that is cut off goes on naming a primary of the past: another one is asked first each time.
  const turn = attempt % nodes.length;
  return {
    sentinels: [...nodes.slice(turn), ...nodes.slice(0, turn)],
    name: sentinelName ?? "",
    role: "master",
    sentinelRetryStrategy: () => null,
    sentinelCommandTimeout: connectTimeout,
    ...(sentinelUsername === undefined ? {} : { sentinelUsername }),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    ...(tls === undefined ? {} : { enableTLSForSentinelMode: true, sentinelTLS: tlsOf(tls) }),
  };
}

/** The most telling of several errors, as a refusal where asking again would not help. */
function whyNot(errors: readonly unknown[], options: StoreOptions): unknown {
  for (const error of errors) {
    const words = error instanceof Error ? error.message : "";
    if (/WRONGPASS|NOAUTH|NOPERM/.test(words)) return refusalOf(error, options);
    if (/got an invalid reply: null/.test(words)) {
      return new Refusal(
        `no Sentinel knows a primary named "${options.sentinelName}": set redis.sentinelName to the name in their files`,
        { cause: error },
      );
    }
    if (/unknown command .?sentinel/i.test(words)) {
      return new Refusal("redis.nodes names servers that are no Sentinels: set redis.mode, or name the Sentinels", {
        cause: error,
      });
    }
    if (/cluster support disabled/.test(words)) {
      return new Refusal("the server is no member of a Cluster: set redis.mode to single or sentinel", {
        cause: error,
      });
    }
  }
  return errors[0];
}

function refusalOf(error: unknown, { username }: StoreOptions): Refusal {
  const words = error instanceof Error ? error.message : String(error);
  const who = username === undefined ? "the default user" : `the user "${username}"`;
  if (/NOPERM|ACL failure/.test(words)) {
    return new Refusal(
      `${who} of Redis may not do what is needed: give it what \`heliograph redis permissions\` prints (${words})`,
      { cause: error },
    );
  }
  return new Refusal(`Redis does not let ${who} in: check redis.username and redis.password (${words})`, {
    cause: error,
  });
}

/** Tries every command that any step needs: a missing permission is told at once, not by the first step that meets it. */
async function tryPermissions(client: Client, { lifeKey }: Part): Promise<void> {
  await trial.run(client, [`${lifeKey}:trial`], []);
}
