import { loadConfig } from "@heliograph/config";
import { expect, test } from "vitest";
import { newTokenKey } from "./token-key.ts";

test("a new key can be pasted into the configuration, and into the environment", () => {
  const secret = new Uint8Array(32).fill(0x5a);
  const text = newTokenKey(Date.UTC(2026, 10, 21, 23), secret);
  const variable = /HELIOGRAPH_TOKENS_KEYS='(.*)'/.exec(text)?.[1] ?? "";
  for (const [yaml, env] of [
    [text, {}],
    ["", { HELIOGRAPH_TOKENS_KEYS: variable }],
  ] as const) {
    const loaded = loadConfig({ file: "h.yaml", env, program: "edge", readFile: () => yaml });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.mistakes));
    expect(loaded.config.tokens.keys.map(({ id, secret: s }) => [id, [...s.reveal()]])).toEqual([
      ["2026-11-21", [...secret]],
    ]);
  }
});
