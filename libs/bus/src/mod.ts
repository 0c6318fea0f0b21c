/** NATS JetStream behind core's Log, Whisper and Nodes. */
export type { Bus, BusPorts, BusSize } from "./bus.ts";
export { openBus } from "./bus.ts";
export { BusRefused } from "./bus-refused.ts";
export type { BusOptions } from "./options.ts";
export { type NatsRole, natsPermissions } from "./permissions.ts";
export { shardOf, streamName } from "./stream/subjects.ts";
