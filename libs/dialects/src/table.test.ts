import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Dialect } from "./dialect.ts";
import { createNativeDialect } from "./native/mod.ts";
import { spreedVocabulary } from "./spreed/mod.ts";

const dialects: readonly Pick<Dialect, "name" | "vocabulary">[] = [
  createNativeDialect({ bodyBytes: 1, roomsPerSession: 1 }),
  { name: "spreed", vocabulary: spreedVocabulary },
];

test("the table of commands and dialects says what the code says", () => {
  const page = readFileSync(new URL("../../../docs/dialects/README.md", import.meta.url), "utf8");
  const [head, , ...rows] = page
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll("`", "")),
    );
  expect(head).toEqual(["command", ...dialects.map(({ name }) => name)]);
  const told = Object.fromEntries(rows.map(([command = "", ...cells]) => [command, cells]));
  const commands = Object.keys(dialects[0]?.vocabulary ?? {});
  expect(Object.keys(told).sort()).toEqual([...commands].sort());
  for (const [at, { vocabulary }] of dialects.entries()) {
    for (const [command, words] of Object.entries(vocabulary)) {
      expect(told[command]?.[at], command).toBe(words.length === 0 ? "cannot be said" : words.join(", "));
    }
  }
});
