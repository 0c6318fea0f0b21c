// One standalone process from its start to its end: configuration, log, signals.
import { readFileSync } from "node:fs";
import { type Config, type ConfigSource, ConfigWatch, loadConfig, writeMistake } from "@heliograph/config";
import { SystemClock } from "@heliograph/system";
import { type Log, LogObserver, openLog } from "@heliograph/telemetry";
import { type Standalone, startStandalone } from "./start.ts";

/** How a process ended, as its exit code. */
export const exitCodes = { ended: 0, fault: 1, misconfigured: 2, ended_at_once: 130 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Resolves when the process may exit: after SIGTERM or SIGINT and a drain, or when it could not start. */
export async function runStandalone(source: Omit<ConfigSource, "readFile">): Promise<ExitCode> {
  const from: ConfigSource = { ...source, readFile: (path) => readFileSync(path, "utf8") };
  const loaded = loadConfig(from);
  if (!loaded.ok) {
    for (const mistake of loaded.mistakes) process.stderr.write(`${writeMistake(mistake)}\n`);
    process.stderr.write("Nothing was started. `heliograph config check` says the same without starting.\n");
    return exitCodes.misconfigured;
  }
  const { config } = loaded;
  // Whoever read the log is gone, as when a collector dies: calls go on without one.
  process.stdout.on("error", () => undefined);
  const log = openLog(config.log, process.stdout, Date.now);
  const observer = new LogObserver(log, new SystemClock((error) => log.write("error", `A timer failed: ${error}`)));
  let standalone: Standalone;
  try {
    standalone = await startStandalone(config, observer, (reason) => {
      log.write("warn", `The native sockets could not be loaded, so ws serves instead at a higher cost: ${reason}`);
    });
  } catch (error) {
    log.write("fatal", whyNotStarted(error, config));
    return exitCodes.fault;
  }
  tellReady(log, config, standalone);
  const watch = follow(from, loaded, standalone, log);
  const code = await untilSignalled(standalone, log, () => watch.reload());
  watch.close();
  observer.close();
  return code;
}

function tellReady(log: Log, config: Config, standalone: Standalone): void {
  const { kind } = standalone.edge;
  log.write("info", `Heliograph is ready at ${standalone.address}`, { sockets: kind, realm: config.native.realm });
  if (config.tokens.keys.length === 0) {
    log.write("info", "No tokens.keys are configured: sessions of this process cannot be resumed after its end.");
  }
}

function whyNotStarted(error: unknown, config: Config): string {
  const { host, port } = config.listen;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") {
    return `${host} port ${port} is taken. End what listens there, or choose another: HELIOGRAPH_LISTEN_PORT=8081 npm start`;
  }
  return `Heliograph could not start: ${error instanceof Error ? error.message : error}`;
}

function follow(
  from: ConfigSource,
  loaded: ConstructorParameters<typeof ConfigWatch>[1],
  standalone: Standalone,
  log: Log,
): ConfigWatch {
  return new ConfigWatch(from, loaded, {
    reloaded: (news) => {
      const { config, changed, needRestart, renewed } = news;
      log.level = config.log.level;
      standalone.reload(news).then(
        () => log.write("info", "The configuration was read again.", { changed: [...changed, ...renewed].join(" ") }),
        (error: unknown) => log.write("error", `The new configuration could not be taken over whole: ${error}`),
      );
      if (needRestart.length > 0) {
        log.write("warn", `Changed, but in force only after a restart: ${needRestart.join(" ")}`);
      }
    },
    mistaken: (mistakes) => {
      for (const mistake of mistakes) log.write("error", writeMistake(mistake));
      log.write("error", "The configuration in force stays until this is mended.");
    },
    blind: (folder, error) => {
      log.write("warn", `Changes in ${folder} are not noticed (${error}); SIGHUP reads the configuration again.`);
    },
  });
}

/** SIGTERM and SIGINT drain; a second one ends at once. SIGHUP reads the configuration again. */
function untilSignalled(standalone: Standalone, log: Log, reload: () => void): Promise<ExitCode> {
  return new Promise((resolve) => {
    let ending = false;
    const over = (code: ExitCode): void => {
      for (const signal of ["SIGTERM", "SIGINT"] as const) process.off(signal, end);
      process.off("SIGHUP", reload);
      resolve(code);
    };
    const end = (): void => {
      if (ending) {
        standalone.stop().then(
          () => over(exitCodes.ended_at_once),
          (error: unknown) => {
            log.write("error", `It could not be ended cleanly: ${error}`);
            over(exitCodes.fault);
          },
        );
        return;
      }
      ending = true;
      const { connections } = standalone.edge.held();
      log.write("info", "Draining: clients are asked to go elsewhere. The same signal again ends at once.", {
        connections,
      });
      standalone.drain().then(
        () => over(exitCodes.ended),
        (error: unknown) => {
          log.write("error", `The drain failed: ${error}`);
          over(exitCodes.fault);
        },
      );
    };
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, end);
    process.on("SIGHUP", reload);
  });
}
