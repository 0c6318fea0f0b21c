// An edge of a cluster as a process, or as several on one port: what it says when it is ready, and how it is told to end.

import type { Config } from "@heliograph/config";
import { type ConfigSource, workerVariable } from "@heliograph/config";
import type { House, Running } from "@heliograph/system";
import { type ExitCode, runService } from "@heliograph/system";
import { startClusterEdge } from "./cluster-edge.ts";
import { tellOfFixedLogin } from "./fixed-login.ts";
import { type Place, readPlace } from "./workers/place.ts";
import { startWorkers } from "./workers/start-workers.ts";

/** Resolves when the process may exit: after SIGTERM or SIGINT and a drain, or when it could not start. */
export function runEdge(source: Omit<ConfigSource, "readFile" | "program">): Promise<ExitCode> {
  const shared = source.env[workerVariable];
  return runService(source, {
    program: "edge",
    door: ({ listen }) => ({ ...listen, another: "HELIOGRAPH_LISTEN_PORT=8082 heliograph edge" }),
    start: (config, house) => {
      if (shared !== undefined) return startOne(config, house, readPlace(shared));
      return config.workers > 1 ? startWorkers(config, house) : startOne(config, house, undefined);
    },
  });
}

async function startOne(config: Config, house: House, place: Place | undefined): Promise<Running> {
  const { log, observer, metrics, ending } = house;
  const stopTelling = house.tellWhileWaiting(`NATS (${config.nats.servers.join(", ")})`);
  const onFallback = (reason: unknown) => {
    log.write("warn", `The native sockets could not be loaded, so ws serves instead at a higher cost: ${reason}`);
  };
  const options = { onFallback, ending, metrics, sharedPort: place?.port, worker: place?.index };
  const started = await startClusterEdge(config, observer, options).finally(stopTelling);
  const { edge, address, internal } = started;
  log.write("info", `Heliograph is ready at ${address}`, {
    sockets: edge.kind,
    realm: config.native.realm,
    node: edge.node.id,
    internal,
    pid: process.pid,
  });
  tellOfFixedLogin(config, log);
  return {
    held: () => ({ connections: edge.held().connections }),
    reload: (news) => started.reload(news),
    drain: () => started.drain(),
    stop: () => started.stop(),
  };
}
