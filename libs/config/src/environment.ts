// Variables of the environment over the file: which setting each names, and the `.env` of a developer beneath them.
import { parseEnv } from "node:util";
import type { Mistake, Place } from "./mistake.ts";
import { nearest } from "./nearest.ts";
import type { Shape } from "./shape.ts";
import { mayStandInFile, namedSettings, variableOf } from "./shape.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** What was given for a setting outside the file. */
export interface Given {
  readonly text: string;
  readonly place: Place;
  /** The text is the path of a file that holds the value. */
  readonly inFile: boolean;
}

export const prefix = "HELIOGRAPH_";
/** Names the configuration file. */
export const fileVariable = "HELIOGRAPH_CONFIG";
/** Tells a process that it is one of several on one port: which port, and which of them. Said by the one that started it. */
export const workerVariable = "HELIOGRAPH_WORKER";
/** Known to other parts of the house: the file, and the seed of property tests, which processes under test inherit. */
const foreign = new Set([fileVariable, workerVariable, "HELIOGRAPH_SEED", "HELIOGRAPH_SIMULATION_SEEDS"]);

/**
 * Kubernetes gives each pod such variables for each Service, so a Service named `heliograph` or `heliograph-edge` would
 * otherwise be a list of mistakes.
 */
const serviceLink = /_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/;
const serviceAddress = /^(tcp|udp|sctp):\/\//;

/** What the variables say, by path. An empty variable counts as not set. */
export function readVariables(env: Environment, shape: Shape): { given: Map<string, Given>; mistakes: Mistake[] } {
  const known = new Map<string, { readonly path: string; readonly inFile: boolean }>();
  for (const [path, setting] of namedSettings(shape)) {
    known.set(variableOf(path), { path, inFile: false });
    if (mayStandInFile(setting)) known.set(`${variableOf(path)}_FILE`, { path, inFile: true });
  }
  const given = new Map<string, Given>();
  const mistakes: Mistake[] = [];
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(prefix) || text === undefined || text === "" || foreign.has(name)) continue;
    const place: Place = { kind: "variable", name };
    const setting = known.get(name);
    if (setting === undefined) {
      if (serviceLink.test(name) || (name.endsWith("_PORT") && serviceAddress.test(text))) continue;
      const near = nearest(
        name.slice(prefix.length),
        [...known.keys()].map((each) => each.slice(prefix.length)),
      );
      mistakes.push({
        place,
        path: "",
        problem: "names no setting",
        remedy: near === undefined ? "env-sample lists every variable." : `Did you mean ${prefix}${near}?`,
      });
    } else if (given.has(setting.path)) {
      mistakes.push({
        place,
        path: setting.path,
        problem: "is given twice, with and without _FILE",
        remedy: "Keep one of the two.",
      });
    } else {
      given.set(setting.path, { text, place, inFile: setting.inFile });
    }
  }
  return { given, mistakes };
}

/**
 * The environment with the `.env` of the working directory beneath it, in development only: with NODE_ENV=production
 * the file is not looked for. A variable that is really set always wins.
 */
export function withDotEnv(env: Environment, readFile: (path: string) => string): Environment {
  if (env["NODE_ENV"] === "production") return env;
  let text: string;
  try {
    text = readFile(".env");
  } catch {
    // Most people have none.
    return env;
  }
  return { ...parseEnv(text), ...env };
}
