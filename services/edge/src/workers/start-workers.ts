// `--workers N`: one process per core on one port, each an edge of its own.
import type { Config } from "@heliograph/config";
import type { House } from "@heliograph/system";
import { SystemClock } from "@heliograph/system";
import { claimPort } from "../socket/port-claim.ts";
import { spawnWorker } from "./worker.ts";
import { Workers } from "./workers.ts";

/** Rejects where nobody could listen. Each worker says by itself that it is ready. */
export async function startWorkers(config: Config, { log, observer }: House): Promise<Workers> {
  // Workers share their port, so none of them would notice that it is somebody else's.
  const { port } = await claimPort(config.listen.host, config.listen.port);
  const clock = new SystemClock((error) => observer.observe({ type: "fault", where: "a timer", error }));
  const { workers } = config;
  log.write("info", `${workers} workers share ${config.listen.host} port ${port}`, { pid: process.pid });
  return new Workers({ count: workers, spawn: (index) => spawnWorker({ port, index }), clock, log });
}
