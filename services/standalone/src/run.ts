// Standalone as a process: what it says when it is ready, and how it is told to end.
import type { ConfigSource } from "@heliograph/config";
import { tellOfFixedLogin } from "@heliograph/edge";
import { type ExitCode, runService, type Service } from "@heliograph/system";
import { startStandalone } from "./start.ts";

/** Resolves when the process may exit: after SIGTERM or SIGINT and a drain, or when it could not start. */
export function runStandalone(source: Omit<ConfigSource, "readFile" | "program">): Promise<ExitCode> {
  return runService(source, standalone);
}

const standalone: Service = {
  program: "standalone",
  door: ({ listen }) => ({ ...listen, another: "HELIOGRAPH_LISTEN_PORT=8081 npm start" }),
  start: async (config, { log, observer, metrics }) => {
    const onFallback = (reason: unknown) => {
      log.write("warn", `The native sockets could not be loaded, so ws serves instead at a higher cost: ${reason}`);
    };
    const started = await startStandalone(config, observer, onFallback, metrics);
    const { edge, address, internal } = started;
    const { realm } = config.native;
    log.write("info", `Heliograph is ready at ${address}`, { sockets: edge.kind, realm, internal });
    tellOfFixedLogin(config, log);
    if (config.tokens.keys.length === 0) {
      log.write("info", "No tokens.keys are configured: sessions of this process cannot be resumed after its end.");
    }
    return {
      held: () => ({ connections: edge.held().connections }),
      reload: (news) => started.reload(news),
      drain: () => started.drain(),
      stop: () => started.stop(),
    };
  },
};
