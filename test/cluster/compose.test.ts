// The compose file holds the balancer's configuration that the tests run with, and settings that the services know.
import { readFileSync } from "node:fs";
import { haproxyConfig } from "@heliograph/cluster";
import { loadConfig, writeMistake } from "@heliograph/config";
import { expect, test } from "vitest";

const text = readFileSync(new URL("../../compose.yaml", import.meta.url), "utf8");

test("the compose file's balancer is the one that is tried here, with Docker's names", () => {
  const backends = [1, 2, 3].map((n) => ({ name: `edge-${n}`, address: `edge-${n}:8080` }));
  const written = haproxyConfig(":8080", backends, "127.0.0.11:53");
  const held = text
    .slice(text.indexOf("    content: |\n"))
    .split("\n")
    .slice(1)
    .map((line) => line.replace(/^ {6}/, ""))
    .join("\n");
  expect(held).toBe(written);
});

test("every setting in the compose file is one that edges and keepers take", () => {
  const settings = [...text.matchAll(/^ +(HELIOGRAPH_\w+): (.+)$/gm)].map(([, name = "", value = ""]) => {
    return [name, value.replace(/^(['"])(.*)\1$/, "$2")] as const;
  });
  expect(settings.length).toBeGreaterThan(7);
  const files = { readFile: () => nothing(), file: undefined };
  const loaded = loadConfig({ ...files, env: Object.fromEntries(settings) });
  expect(loaded.ok ? [] : loaded.mistakes.map(writeMistake)).toStrictEqual([]);
});

function nothing(): never {
  throw Object.assign(new Error("not there"), { code: "ENOENT" });
}
