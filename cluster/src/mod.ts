/** A whole cluster on one machine: real servers as child processes, on free ports, in throwaway folders. */
export { Child, type ChildOptions, type Ending } from "./child.ts";
export { freePorts } from "./free-ports.ts";
export { Gate } from "./gate.ts";
export { NatsServer, NatsServers, type NatsServersOptions } from "./nats-servers.ts";
export { programs } from "./programs.ts";
