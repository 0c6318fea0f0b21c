// What the configuration's settings mean to a node, to the bus and to the store: the same for an edge and a keeper.
import type { Config } from "@heliograph/config";
import { defaultSettings, type NodeSettings } from "@heliograph/core";

export function nodeSettingsOf(config: Config): NodeSettings {
  const { limits, tokens, turn } = config;
  const { frameBytes, bodyBytes, roomsPerSession, outstanding, heartbeat, grace, window } = limits;
  const { nameBytes } = defaultSettings.limits;
  const { commandsPerSecond, commandBurst, laneBytes, backlogBytes, ringBytes, guesses, guessWindow } = limits;
  return {
    ...defaultSettings,
    limits: { frameBytes, bodyBytes, nameBytes, roomsPerSession, outstanding, heartbeat, grace, window },
    logLife: 2.5 * window,
    tokenLife: tokens.life,
    commandsPerSecond,
    commandBurst,
    laneBytes,
    backlogBytes,
    ringBytes,
    guesses,
    guessWindow,
    icePerUser: turn.limits.perUser,
    icePerAddress: turn.limits.perAddress,
  };
}

/** `name`: what NATS' own pages show of the connection. */
export function busOptionsOf(config: Config, name: string) {
  const { servers, user, password, token, nkeySeed, credsFile, tls, shards, replicas, maxBytes, storage } = config.nats;
  return {
    servers,
    name,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password: password.reveal() }),
    ...(token === undefined ? {} : { token: token.reveal() }),
    ...(nkeySeed === undefined ? {} : { nkeySeed: nkeySeed.reveal() }),
    ...(credsFile === undefined ? {} : { credsFile }),
    ...(tls === undefined ? {} : { tls: tlsFilesOf(tls) }),
    shards,
    replicas,
    maxAge: nodeSettingsOf(config).logLife,
    maxBytes,
    storage,
    largestFrame: config.limits.frameBytes,
  };
}

export function storeOptionsOf(config: Config) {
  const { mode, nodes, sentinelName, sentinelUsername, sentinelPassword, username, password, database, tls } =
    config.redis;
  return {
    mode,
    nodes: nodes.map(hostAndPort),
    ...(sentinelName === undefined ? {} : { sentinelName }),
    ...(sentinelUsername === undefined ? {} : { sentinelUsername }),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword: sentinelPassword.reveal() }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: password.reveal() }),
    database,
    ...(tls === undefined ? {} : { tls: tlsFilesOf(tls) }),
  };
}

/** `redis.example:6379`, `[::1]:6379`: the configuration lets nothing else pass. */
function hostAndPort(node: string): { readonly host: string; readonly port: number } {
  const colon = node.lastIndexOf(":");
  return { host: node.slice(0, colon).replace(/^\[(.*)\]$/, "$1"), port: Number(node.slice(colon + 1)) };
}

function tlsFilesOf({ ca, cert, key }: NonNullable<Config["nats"]["tls"]>) {
  return {
    ...(ca === undefined ? {} : { caFile: ca }),
    ...(cert === undefined ? {} : { certFile: cert }),
    ...(key === undefined ? {} : { keyFile: key }),
  };
}
