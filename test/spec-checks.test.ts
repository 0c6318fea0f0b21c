// Every numbered check of a specification that is built has a test that runs; and this notices where one has not.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { findChecks, whatLacks } from "./spec-checks/titles.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const self = "test/spec-checks";

/** How many checks each specification numbers. */
const built = { turn: 49, spreed: 71 } as const;

const sources = execFileSync(
  "git",
  ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.test.ts", "*.test.tsx"],
  {
    cwd: root,
  },
)
  .toString()
  .split("\0")
  .filter((path) => path !== "" && !path.startsWith(self));

describe("every check has a test that runs", () => {
  test.for(Object.entries(built))("%s, 1 to %i", ([spec, last]) => {
    const findings = sources.flatMap((path) => findChecks(spec, path, readFileSync(`${root}${path}`, "utf8")));
    expect(whatLacks(last, findings)).toEqual([]);
  });
});

describe("what is noticed", () => {
  const lacks = (source: string, last = 1) => whatLacks(last, findChecks("turn", "a.test.ts", source));

  test("nothing where each runs, whatever the form", () => {
    expect(lacks('test("[turn 1] a")\n  test.for([1, 2])("[turn 2] b")\n on(\n  "[turn 3] c")', 3)).toEqual([]);
    expect(lacks('describe.skip("x", () => {\n test("y", () => {});\n});\ntest("[turn 1] a")')).toEqual([]);
  });

  test("a number without a test, or beyond the last", () => {
    expect(lacks('test("[turn 1] a")', 2)).toEqual(["check 2 has no test"]);
    expect(lacks('test("[turn 1] a"); test("[turn 2] a")')).toEqual(["check 2 in a.test.ts is none"]);
    expect(lacks('test("[spreed 1] a")')).toEqual(["check 1 has no test"]);
    expect(lacks('test("a [turn 1]")')).toEqual(["check 1 has no test"]);
  });

  test.for(["test.skip", "test.todo", "test.only", "test.fails", "test.skipIf(!coturn)", "it.skip"])("%s", (call) => {
    expect(lacks(`${call}("[turn 1] a", () => {})`)).toEqual([`check 1 in a.test.ts does not run: ${call}`]);
  });

  test("a group that is skipped", () => {
    const source = 'describe.skip("x", () => {\n  test("[turn 1] a", () => {\n    expect(1).toBe(1);\n  });\n});';
    expect(lacks(source)).toEqual(["check 1 in a.test.ts does not run: describe.skip"]);
  });
});
