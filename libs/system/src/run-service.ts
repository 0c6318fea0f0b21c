// One service as a process, from its start to its end: configuration, log, signals, exit code.

import { readFileSync } from "node:fs";
import type { Config, ConfigSource, Loaded, Program, Reload } from "@heliograph/config";
import { ConfigWatch, loadConfig, workerVariable, writeMistake } from "@heliograph/config";
import type { Observer } from "@heliograph/core";
import type { Fields, Log } from "@heliograph/telemetry";
import { LogObserver, Metrics, MetricsObserver, Observers, openLog } from "@heliograph/telemetry";
import { Ending } from "./ending.ts";
import { SystemClock } from "./system-clock.ts";
import { Uncaught } from "./uncaught.ts";

/** How a process ended, as its exit code. */
export const exitCodes = { ended: 0, fault: 1, misconfigured: 2, ended_at_once: 130 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What a service finds where it is started. */
export interface House {
  readonly log: Log;
  readonly observer: Observer;
  /** What the observer counts; gauges are added by whoever has something to read. */
  readonly metrics: Metrics;
  /** Aborts when the process shall end: whatever a start waits for, it waits no longer. */
  readonly ending: AbortSignal;
  /** Says now and then that `what` is waited for, once that has taken a while. Returns how to stop. */
  tellWhileWaiting(what: string): () => void;
}

export interface Running {
  /** What it serves at the moment, for the line that says that it drains. */
  held(): Fields;
  /** Takes over what may change without a restart. */
  reload(news: Reload): Promise<void>;
  /** Ends in good order. */
  drain(): Promise<void>;
  /** Ends at once. */
  stop(): Promise<void>;
  /** SIGHUP, for what does more with it than reading the configuration again. */
  hangUp?(): void;
  /** Resolves when it cannot go on by itself; it has said why. */
  readonly failed?: Promise<ExitCode>;
}

export interface Service {
  readonly program: Program;
  /** Rejects with what an operator can mend, in a sentence. Says itself that it is ready. */
  start(config: Config, house: House): Promise<Running>;
  /** Where it listens and how another port is chosen, for when that one is taken. */
  door(config: Config): { readonly host: string; readonly port: number; readonly another: string };
}

/** Resolves when the process may exit: after SIGTERM or SIGINT and a drain, or when it could not start. */
export async function runService(
  source: Omit<ConfigSource, "readFile" | "program">,
  service: Service,
): Promise<ExitCode> {
  const from: ConfigSource = { ...source, program: service.program, readFile: (path) => readFileSync(path, "utf8") };
  const loaded = loadConfig(from);
  if (!loaded.ok) {
    for (const mistake of loaded.mistakes) process.stderr.write(`${writeMistake(mistake)}\n`);
    process.stderr.write("Nothing was started. `heliograph config check` says the same without starting.\n");
    return exitCodes.misconfigured;
  }
  // Whoever read the log is gone, as when a collector dies: calls go on without one.
  process.stdout.on("error", () => undefined);
  const log = openLog(loaded.config.log, process.stdout, Date.now);
  const clock = new SystemClock((error) => log.write("error", `A timer failed: ${error}`));
  const logged = new LogObserver(log, clock);
  const metrics = new Metrics();
  const observer = new Observers([logged, new MetricsObserver(metrics, clock)]);
  const uncaught = new Uncaught(process, observer);
  const ending = new Ending(isWorker(source.env));
  // Neither timers nor signals keep a process alive, and what a service waits for may be nothing else.
  const awake = setInterval(() => undefined, 1 << 30);
  try {
    return await live(from, loaded, service, { log, observer, metrics, ending, uncaught });
  } finally {
    clearInterval(awake);
    ending.close();
    uncaught.close();
    logged.close();
    await metrics.close();
  }
}

/** Whether this process is one of several on one port, started and told what to do by the same parent. */
function isWorker(env: ConfigSource["env"]): boolean {
  return process.send !== undefined && env[workerVariable] !== undefined;
}

interface Life {
  readonly log: Log;
  readonly observer: Observer;
  readonly metrics: Metrics;
  readonly ending: Ending;
  readonly uncaught: Uncaught;
}

async function live(from: ConfigSource, loaded: Loaded, service: Service, life: Life): Promise<ExitCode> {
  const { log, observer, metrics, ending, uncaught } = life;
  const { config } = loaded;
  const started = service
    .start(config, { log, observer, metrics, ending: ending.asked, tellWhileWaiting: (what) => tell(what, log) })
    .then(
      (running) => ({ running }),
      (error: unknown) => ({ error }),
    );
  const start = await Promise.race([started, ending.insisted, uncaught.broken.then(() => ({ error: brokenOff }))]);
  if (start === undefined) return exitCodes.ended_at_once;
  if (!("running" in start)) {
    if (ending.asked.aborted) {
      log.write("info", "Ended before it was ready.");
      return exitCodes.ended;
    }
    log.write("fatal", whyNotStarted(start.error, service.door(config)));
    return exitCodes.fault;
  }
  const { running } = start;
  // The parent of several learns that this one serves.
  if (isWorker(from.env)) process.send?.("ready");
  const watch = follow(from, loaded, running, log);
  ending.onHangUp(() => {
    watch.reload();
    running.hangUp?.();
  });
  const broken = uncaught.broken.then((): "broken" => "broken");
  const failed = await Promise.race([ending.begun, running.failed ?? ending.begun, broken]);
  const code = failed === undefined || failed === "broken" ? await end(running, life) : failed;
  watch.close();
  return failed === "broken" && code === exitCodes.ended ? exitCodes.fault : code;
}

const brokenOff = new Error("an exception that nobody caught; the line before says which");

/** Milliseconds that a start may take unmentioned, and between two mentions. */
const unmentioned = 3_000;
const mentionEvery = 30_000;

function tell(what: string, log: Log): () => void {
  const say = () => log.write("warn", `Still waiting for ${what}. Nothing is served until it can be reached.`);
  let timer = setTimeout(() => {
    say();
    timer = setInterval(say, mentionEvery);
  }, unmentioned);
  // One function ends both kinds.
  return () => clearTimeout(timer);
}

/** A drain, cut short by a second signal. */
async function end(running: Running, { log, ending }: Life): Promise<ExitCode> {
  log.write("info", "Draining: clients are asked to go elsewhere. The same signal again ends at once.", running.held());
  const drained = running.drain().then(
    () => exitCodes.ended,
    (error: unknown) => {
      log.write("error", `The drain failed: ${error}`);
      return exitCodes.fault;
    },
  );
  const code = await Promise.race([drained, ending.insisted]);
  if (code !== undefined) return code;
  try {
    await running.stop();
    return exitCodes.ended_at_once;
  } catch (error) {
    log.write("error", `It could not be ended cleanly: ${error}`);
    return exitCodes.fault;
  }
}

function whyNotStarted(error: unknown, { host, port, another }: ReturnType<Service["door"]>): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") {
    return `${host} port ${port} is taken. End what listens there, or choose another: ${another}`;
  }
  return `Heliograph could not start: ${error instanceof Error ? error.message : error}`;
}

function follow(from: ConfigSource, loaded: Loaded, running: Running, log: Log): ConfigWatch {
  return new ConfigWatch(from, loaded, {
    reloaded: (news) => {
      const { config, changed, needRestart, renewed } = news;
      log.level = config.log.level;
      running.reload(news).then(
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
