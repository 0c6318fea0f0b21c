// Opens connections with ioredis, checks who answers, and leaves all trying again to the link.

import { readFileSync } from "node:fs";
import type { Clock } from "@heliograph/core";
import type { ClusterOptions, RedisOptions, SentinelConnectionOptions } from "ioredis";
import { Cluster, Redis } from "ioredis";
import type { Client, Dial } from "./client.ts";
import { Refusal } from "./client.ts";
import { ClusterClient, SingleClient } from "./connections.ts";
import { keys } from "./keys.ts";
import type { StoreOptions } from "./options.ts";
import { Script } from "./script.ts";
import { checkServer } from "./server.ts";
import { TurnCork } from "./turn-cork.ts";
import { whyNot } from "./why-not.ts";

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
const iceRead = new Script("ice-read");

export function dialer(options: StoreOptions, clock: Clock): Dial {
  let attempt = 0;
  return async (signal) => {
    attempt += 1;
    // An error event may say why a connection ended, when the end itself does not.
    const said: unknown[] = [];
    const client =
      options.mode === "cluster" ? newCluster(options, said) : newSingle(options, attempt, said, new TurnCork(clock));
    const abandon = (): void => client.close();
    signal.addEventListener("abort", abandon, { once: true });
    try {
      signal.throwIfAborted();
      await client.connect();
      await checkServer(client, options.mode);
      for (const { lifeKey } of client.parts()) await tryPermissions(client, lifeKey);
      // Another command than those of scripts that write, and keys that an edge may only read.
      const { set, fails } = keys.ice("trial");
      await iceRead.look(client, [set, fails], []);
      return client;
    } catch (error) {
      client.close();
      throw whyNot([error, ...said], options);
    } finally {
      signal.removeEventListener("abort", abandon);
    }
  };
}

/** One server, or the one that Sentinels name. */
function newSingle(options: StoreOptions, attempt: number, said: unknown[], cork: TurnCork): SingleClient {
  const redis = new Redis({
    ...common,
    ...identity(options),
    retryStrategy: () => null,
    db: options.database ?? 0,
    ...(options.mode === "sentinel" ? sentinelOptions(options, attempt) : options.nodes[0]),
  });
  redis.on("error", (error: unknown) => said.push(error));
  redis.on("sentinelError", (error: unknown) => said.push(error));
  return new SingleClient(redis, cork);
}

function newCluster(options: StoreOptions, said: unknown[]): ClusterClient {
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
  return new ClusterClient(cluster);
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

/** Tries every command that any step needs: a missing permission is told at once, not by the first step that meets it. */
async function tryPermissions(client: Client, lifeKey: string): Promise<void> {
  await trial.run(client, [`${lifeKey}:trial`], []);
}
