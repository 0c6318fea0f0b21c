// What must hold between settings that are each right by themselves.
import type { Config } from "./config.ts";

export interface Breach {
  /** The setting to change, where the place is looked up first; then the others that take part. */
  readonly paths: readonly [string, ...string[]];
  readonly problem: string;
  readonly remedy: string;
}

export function breaches(config: Config): readonly Breach[] {
  const { limits, tokens, ice } = config;
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
  for (const [index, server] of ice.servers.entries()) {
    const asksForLogin = server.urls.some((url) => url.startsWith("turn"));
    demand(
      !asksForLogin || (server.username !== undefined && server.credential !== undefined),
      [`ice.servers.${index}`, "ice.servers"],
      "is a TURN server without a login",
      "Add username and credential: browsers refuse a TURN server without them.",
    );
  }
  return found;
}
