/** A whole cluster on one machine: real servers as child processes, on free ports, in throwaway folders. */
export { Child, type ChildOptions, type Ending } from "./child.ts";
export { controlPath, RemoteCluster } from "./control.ts";
export { Coturn, type CoturnOptions, type CoturnPlace } from "./coturn.ts";
export { EdgeProcess, type EdgeProcessOptions } from "./edge-process.ts";
export { freePorts } from "./free-ports.ts";
export { Gate } from "./gate.ts";
export { type Backend, Haproxy, haproxyConfig } from "./haproxy.ts";
export { HeliographProcess, heliographCommand } from "./heliograph-process.ts";
export { KeeperProcess, type KeeperProcessOptions } from "./keeper-process.ts";
export { LocalCluster, type LocalClusterOptions } from "./local-cluster.ts";
export { NatsServer, NatsServers, type NatsServersOptions } from "./nats-servers.ts";
export type { Part, PartKind } from "./part.ts";
export { programs } from "./programs.ts";
export { RedisCluster, type RedisClusterOptions } from "./redis-cluster.ts";
export { RedisSentinel, type RedisSentinelOptions } from "./redis-sentinel.ts";
export { type RedisAddress, RedisServer, type RedisServerOptions, type RedisUser } from "./redis-server.ts";
