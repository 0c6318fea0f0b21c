// A standalone inside the test's own process, on a free port.
import { loadConfig, writeMistake } from "@heliograph/config";
import type { Happening } from "@heliograph/core";
import type { RunningEdge } from "@heliograph/edge";
import { startStandalone } from "@heliograph/standalone";

export interface Server extends RunningEdge {
  readonly port: number;
  /** What went wrong inside; tests expect none. */
  readonly faults: readonly unknown[];
  readonly happened: readonly Happening[];
}

/** @param settings as environment variables, without `HELIOGRAPH_` */
export async function startServer(settings: Readonly<Record<string, string>> = {}): Promise<Server> {
  const config = configured(settings);
  const faults: unknown[] = [];
  const happened: Happening[] = [];
  const observer = {
    observe: (happening: Happening) => {
      happened.push(happening);
      if (happening.type === "fault") faults.push(happening.error);
    },
  };
  const standalone = await startStandalone(config, observer, (reason) => faults.push(reason));
  return { ...standalone, port: standalone.edge.port, faults, happened };
}

/** @param readFile for the files that settings name; none is read unless given */
export function configured(settings: Readonly<Record<string, string>>, readFile: (path: string) => string = nothing) {
  const env = Object.fromEntries(
    Object.entries({ LISTEN_PORT: "0", INTERNAL_LISTEN_PORT: "0", TURN_STUN: "[]", ...settings }).map(
      ([name, text]) => [`HELIOGRAPH_${name}`, text],
    ),
  );
  const loaded = loadConfig({ env, readFile });
  if (!loaded.ok) throw new Error(loaded.mistakes.map(writeMistake).join("\n"));
  return loaded.config;
}

function nothing(): never {
  throw Object.assign(new Error("no file is read in tests"), { code: "ENOENT" });
}
