import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { loadConfig, writeMistake } from "@heliograph/config";
import { envSample, example, jsonSchema, referencePage } from "@heliograph/config/page";
import { describe, expect, test } from "vitest";

const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), "utf8");
const remedy = "run `npm run docs:configuration`";

/** Whatever a setting names is there; nothing else is. */
function load(file: string | undefined, env: Readonly<Record<string, string | undefined>>) {
  const result = loadConfig({
    env,
    readFile: (path) => {
      if (path === "heliograph.yaml") {
        if (file === undefined) throw Object.assign(new Error("none"), { code: "ENOENT" });
        return file;
      }
      return `${"5".repeat(64)}\n`;
    },
  });
  return result.ok ? result : { ...result, says: result.mistakes.map(writeMistake) };
}

describe("what is written about the settings is the schema", () => {
  test("the reference page", () => {
    expect(read("docs/operations/configuration.md"), remedy).toBe(referencePage());
  });

  test("the JSON Schema for editors", () => {
    expect(JSON.parse(read("docs/configuration.schema.json")), remedy).toEqual(jsonSchema());
  });

  test("env-sample", () => {
    expect(read("env-sample"), remedy).toBe(envSample());
  });
});

describe("what is written there can be used", () => {
  test("the page's example loads", () => {
    expect(referencePage()).toContain(example);
    expect(load(example, {})).toMatchObject({
      ok: true,
      config: { listen: { port: 8443 }, limits: { window: 300_000 } },
    });
  });

  test("env-sample, uncommented, is the defaults", () => {
    const env = parseEnv(read("env-sample").replaceAll(/^#(?=HELIOGRAPH_)/gm, ""));
    expect(Object.keys(env).length).toBeGreaterThan(35);
    const [sample, defaults] = [load(undefined, env), load(undefined, {})];
    expect(sample).toMatchObject({ ok: true });
    expect(sample).toEqual(defaults);
  });

  test("every example in env-sample loads", () => {
    const env = parseEnv(read("env-sample").replaceAll(/^# Example: /gm, ""));
    expect(load(undefined, env)).toMatchObject({
      ok: true,
      config: { origins: ["https://calls.example.org"], tokens: { keys: [{ id: "2026-11" }] } },
    });
  });
});
