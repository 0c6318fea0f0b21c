import { expect, test } from "vitest";
import { writeConfig } from "./effective.ts";
import { loadConfig } from "./load.ts";
import { writeMistake } from "./mistake.ts";

const load = (yaml: string) => {
  const result = loadConfig({ file: "h.yaml", env: {}, readFile: () => yaml });
  if (!result.ok) throw new Error(result.mistakes.map(writeMistake).join("\n"));
  return result.config;
};

test("the configuration in force can be read by people and loaded again", () => {
  const config = load("limits: {grace: 45s, frameBytes: 128KiB}\norigins: [https://a.example]\nlisten: {host: '::'}");
  const written = writeConfig(config);
  expect(written).toContain("grace: 45s");
  expect(written).toContain("frameBytes: 128KiB");
  expect(load(written)).toEqual(config);
});

test("secrets are left out of it", () => {
  const word = "c0ffee".repeat(12);
  const written = writeConfig(
    load(
      `tokens: {keys: [{id: a, secret: ${word}}]}\nturn: {tagKey: ${word}, zones: [{id: z, urls: ['turn:t']}], providers: [{type: secret, id: a, secrets: [${word}]}]}`,
    ),
  );
  expect(written).not.toContain("c0ffee");
  expect(written.match(/\[redacted\]/g)).toHaveLength(3);
});
