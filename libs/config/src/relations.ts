// What must hold between settings that are each right by themselves.
import type { Config } from "./config.ts";
import { spreedBreaches, spreedShortages } from "./spreed-relations.ts";
import { turnBreaches, turnShortages } from "./turn-relations.ts";

/** A program that is started with a configuration. */
export type Program = "standalone" | "edge" | "keeper";

export interface Breach {
  /** The setting to change, where the place is looked up first; then the others that take part. */
  readonly paths: readonly [string, ...string[]];
  readonly problem: string;
  readonly remedy: string;
}

export function breaches(config: Config): readonly Breach[] {
  const { limits, tokens } = config;
  const found: Breach[] = [];
  const demand = (holds: boolean, paths: Breach["paths"], problem: string, remedy: string): void => {
    if (!holds) found.push({ paths, problem, remedy });
  };
  demand(
    limits.bodyBytes < limits.frameBytes,
    ["limits.bodyBytes", "limits.frameBytes"],
    "is not below limits.frameBytes, so no frame could carry such a body",
    "Lower it, or raise limits.frameBytes.",
  );
  demand(
    limits.frameBytes <= limits.bufferedBytes,
    ["limits.bufferedBytes", "limits.frameBytes"],
    "is below limits.frameBytes, so one frame would make a slow reader of anybody",
    "Raise it, or lower limits.frameBytes.",
  );
  demand(
    2 * limits.frameBytes <= limits.laneBytes,
    ["limits.laneBytes", "limits.frameBytes"],
    "is below twice limits.frameBytes, so large chat lines could never pass",
    "Raise it, or lower limits.frameBytes.",
  );
  demand(
    limits.laneBytes <= limits.backlogBytes,
    ["limits.backlogBytes", "limits.laneBytes"],
    "is below limits.laneBytes, so no room could ever use what it is given",
    "Raise it, or lower limits.laneBytes.",
  );
  demand(
    limits.grace <= limits.window,
    ["limits.grace", "limits.window"],
    "is above limits.window, so a member could come back to messages that are no longer kept",
    "Lower it, or raise limits.window.",
  );
  demand(
    config.drain.lag <= config.drain.deadline,
    ["drain.lag", "drain.deadline"],
    "is above drain.deadline, so nobody would be asked to leave before the end",
    "Lower it, or raise drain.deadline.",
  );
  const ids = tokens.keys.map((each) => each.id);
  for (const [index, id] of ids.entries()) {
    demand(
      ids.indexOf(id) === index,
      [`tokens.keys.${index}.id`, "tokens.keys"],
      "names an earlier key too, so their tokens could not be told apart",
      "Give each key its own id.",
    );
  }
  const { port } = config.internal.listen;
  demand(
    port === 0 || port + config.workers - 1 <= 65_535,
    ["internal.listen.port", "workers"],
    `is too high for ${config.workers} workers, since each takes a port of its own from there on`,
    "Lower it, or set it to 0, which takes free ones.",
  );
  found.push(
    ...loginBreaches(config),
    ...redisBreaches(config),
    ...turnBreaches(config.turn),
    ...spreedBreaches(config),
  );
  for (const section of ["nats", "redis"] as const) {
    const { tls } = config[section];
    demand(
      (tls?.cert === undefined) === (tls?.key === undefined),
      [`${section}.tls.cert`, `${section}.tls.key`],
      "and its key go together, and one of them is missing",
      `Give both ${section}.tls.cert and ${section}.tls.key, or neither.`,
    );
  }
  demand(
    config.nats.replicas % 2 === 1,
    ["nats.replicas"],
    "is even, so one of them would be written for nothing: no more servers may be lost than with one less",
    "Write 1, 3 or 5.",
  );
  return found;
}

/** One way to log in at NATS at most, and that one whole. */
function loginBreaches({ nats }: Config): readonly Breach[] {
  const ways = [
    ["nats.user", nats.user ?? nats.password],
    ["nats.token", nats.token],
    ["nats.nkeySeed", nats.nkeySeed],
    ["nats.credsFile", nats.credsFile],
  ] as const;
  const [first, second] = ways.filter(([, value]) => value !== undefined).map(([path]) => path);
  const found: Breach[] = [];
  if (first !== undefined && second !== undefined) {
    const problem = `is given beside ${first}, and a process logs in one way`;
    found.push({ paths: [second, first], problem, remedy: "Keep one of the two." });
  }
  if ((nats.user === undefined) !== (nats.password === undefined)) {
    const [there, absent] = nats.user === undefined ? ["password", "user"] : ["user", "password"];
    found.push({
      paths: [`nats.${there}`],
      problem: `is given without nats.${absent}`,
      remedy: `Add nats.${absent}, or remove it.`,
    });
  }
  return found;
}

function redisBreaches({ redis }: Config): readonly Breach[] {
  const { mode, sentinelName, sentinelUsername, sentinelPassword, database } = redis;
  const found: Breach[] = [];
  if (mode === "sentinel" && sentinelName === undefined) {
    found.push({
      paths: ["redis.mode"],
      problem: "is sentinel, and nothing says which server the Sentinels shall name",
      remedy: "Add redis.sentinelName, as in `sentinel monitor <name> …` of their configuration.",
    });
  }
  const ofSentinels = { sentinelName, sentinelUsername, sentinelPassword };
  for (const [name, value] of Object.entries(ofSentinels)) {
    if (mode === "sentinel" || value === undefined) continue;
    found.push({
      paths: [`redis.${name}`, "redis.mode"],
      problem: `is for Sentinels, and redis.mode is ${mode}`,
      remedy: "Set redis.mode to sentinel, or remove it.",
    });
  }
  if (mode === "cluster" && database !== 0) {
    found.push({
      paths: ["redis.database", "redis.mode"],
      problem: "is another than 0, and a Cluster has that one only",
      remedy: "Remove it.",
    });
  }
  return found;
}

/** What a program cannot do without, though others can, and what it must not have, though others need it. */
export function shortages(config: Config, program: Program): readonly Breach[] {
  const found = [...turnShortages(config.turn, program), ...spreedShortages(config, program)];
  if (program !== "edge" || config.tokens.keys.length > 0) return found;
  const keyless: Breach = {
    paths: ["tokens.keys"],
    problem: "is empty, so no other node could verify what this one signed, and nobody could resume there",
    remedy:
      "Make a key with `heliograph token-key` and give every edge the same, in the file or in HELIOGRAPH_TOKENS_KEYS.",
  };
  return [keyless, ...found];
}
