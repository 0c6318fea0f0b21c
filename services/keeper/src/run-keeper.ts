// A keeper as a process: what it says when it is ready, and how it is told to end.
import type { ConfigSource } from "@heliograph/config";
import { type ExitCode, runService, type Service } from "@heliograph/system";
import { startKeeper } from "./start.ts";

/** Resolves when the process may exit: after SIGTERM or SIGINT, or when it could not start. */
export function runKeeper(source: Omit<ConfigSource, "readFile" | "program">): Promise<ExitCode> {
  return runService(source, service);
}

const service: Service = {
  program: "keeper",
  door: ({ keeper }) => ({ ...keeper.listen, another: "HELIOGRAPH_KEEPER_LISTEN_PORT=8083 heliograph keeper" }),
  start: async (config, { log, observer, metrics, ending, tellWhileWaiting }) => {
    const stopTelling = tellWhileWaiting(`NATS (${config.nats.servers.join(", ")})`);
    const started = await startKeeper(config, observer, { ending, metrics }).finally(stopTelling);
    log.write("info", `A keeper is ready, its health at ${started.address}`, { pid: process.pid });
    return {
      held: () => ({}),
      reload: async (news) => started.reload(news),
      drain: () => started.drain(),
      stop: () => started.stop(),
    };
  },
};
