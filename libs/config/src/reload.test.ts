import { describe, expect, test } from "vitest";
import { loadConfig } from "./load.ts";
import { reloadable, takeOver } from "./reload.ts";

const load = (yaml: string) => {
  const result = loadConfig({ file: "h.yaml", env: {}, readFile: () => yaml });
  if (!result.ok) throw new Error("wrong");
  return result.config;
};
const key = (byte: string) => `{id: a, secret: ${byte.repeat(32)}}`;

describe("between two configurations", () => {
  const before = load(`limits: {grace: 30s}\ntokens: {keys: [${key("aa")}]}\nlisten: {port: 1}`);
  const after = load(
    `limits: {grace: 40s, depth: 16}\ntokens: {keys: [${key("bb")}]}\nlisten: {port: 2, tls: {cert: c, key: k}}`,
  );

  test("nothing differs when they are the same, secrets included", () => {
    const again = load(`limits: {grace: 30000}\ntokens: {keys: [${key("aa")}]}\nlisten: {port: 1}`);
    expect(reloadable(before, again)).toEqual({ changed: [], needRestart: [] });
  });

  test("it is told what is taken over and what waits for a start", () => {
    expect(reloadable(before, after)).toEqual({
      changed: ["limits.grace", "tokens.keys"],
      needRestart: ["listen.port", "listen.tls.cert", "listen.tls.key", "limits.depth"],
    });
  });

  test("what is in force afterwards has the one and not the other", () => {
    const force = takeOver(before, after, reloadable(before, after).changed);
    expect(force).toMatchObject({ limits: { grace: 40_000, depth: 32 }, listen: { port: 1 } });
    expect(force.listen.tls).toBeUndefined();
    expect(Object.isFrozen(force) && Object.isFrozen(force.limits)).toBe(true);
    expect(reloadable(before, force).needRestart).toEqual([]);
    expect(reloadable(force, after).changed).toEqual([]);
  });

  test("a setting that would be wrong beside one that waits, waits with it", () => {
    const wider = load("limits: {window: 10m, grace: 5m, heartbeat: 30s}");
    expect(reloadable(load(""), wider)).toEqual({
      changed: ["limits.heartbeat"],
      needRestart: ["limits.grace", "limits.window"],
    });
    expect(reloadable(wider, load("limits: {heartbeat: 30s}"))).toEqual({
      changed: ["limits.grace"],
      needRestart: ["limits.window"],
    });
  });
});
