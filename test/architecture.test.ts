// The walls between the packages stand: the manifests say only what the table allows, and each wall stops a trespasser.
import { afterAll, describe, expect, test } from "vitest";
import { allowed } from "./architecture/allowed.ts";
import {
  breaches,
  dependenciesOfOthers,
  type Manifest,
  readManifests,
  recordedDependencies,
} from "./architecture/manifest.ts";
import { ThrowawayHouse } from "./architecture/throwaway.ts";

const manifests = readManifests();

describe("the manifests", () => {
  test.each(manifests.map((manifest) => [manifest.name, manifest] as const))(
    "of %s say only what the table allows",
    (_name, manifest) => {
      expect(breaches(manifest)).toEqual([]);
    },
  );

  test("and the table name the same workspaces", () => {
    expect(manifests.map(({ folder }) => folder).sort()).toEqual(
      Object.values(allowed)
        .map(({ folder }) => folder)
        .sort(),
    );
  });

  test("name no package of others that the record of dependencies lacks, and no other version", () => {
    const sorted = (versions: ReadonlyMap<string, string>) => Object.fromEntries([...versions].sort());
    expect(sorted(dependenciesOfOthers(manifests))).toEqual(sorted(recordedDependencies()));
  });

  const core = manifestOf("@heliograph/core");
  test.each<[string, Partial<Manifest>, RegExp]>([
    [
      "core depends on codec",
      { dependencies: { "@heliograph/codec": "0.1.0" } },
      /core may not depend on @heliograph\/codec/,
    ],
    ["core depends on ws", { dependencies: { ws: "8.23.0" } }, /core may not depend on ws/],
    ["core tests with the edge", { devDependencies: { "@heliograph/edge": "0.1.0" } }, /not even to test/],
    ["a version is a range", { dependencies: { "@noble/hashes": "^2.4.0" } }, /does not pin/],
    ["a reference has no dependency", { references: ["libs/protocol", "libs/codec"] }, /references/],
    ["a workspace is not in the table", { name: "@heliograph/utils" }, /not in the table/],
  ])("are refused when %s", (_name, change, reason) => {
    expect(breaches({ ...core, ...change }).join("\n")).toMatch(reason);
  });
});

describe("the walls", () => {
  const house = new ThrowawayHouse(manifests);
  afterAll(() => house.remove());

  test("let an empty house stand", async () => {
    expect(await house.lint()).toMatchObject({ exitCode: 0 });
    expect(await house.compile()).toMatchObject({ exitCode: 0 });
  });

  test.each<[string, string, string, string]>([
    [
      "a package that the manifest does not name",
      "libs/core/src/breach.ts",
      'import { nothing } from "@heliograph/codec";\nexport const breach = nothing;\n',
      "noUndeclaredDependencies",
    ],
    [
      "a mere type of such a package",
      "libs/dialects/src/breach.ts",
      'import type { nothing } from "@heliograph/core";\nexport type Breach = typeof nothing;\n',
      "noUndeclaredDependencies",
    ],
    [
      "a package of others that the manifest does not name",
      "services/edge/src/breach.ts",
      'import { Packr } from "msgpackr";\nexport const breach = Packr;\n',
      "noUndeclaredDependencies",
    ],
    [
      "a test tool in code that runs",
      "libs/core/src/breach.ts",
      'import { sample } from "fast-check";\nexport const breach = sample;\n',
      "noUndeclaredDependencies",
    ],
    ...["protocol", "codec", "core", "dialects", "client"].map((name): [string, string, string, string] => [
      `Node's own modules in ${name}`,
      `libs/${name}/src/breach.ts`,
      'import { hostname } from "node:os";\nexport const breach = hostname;\n',
      "noNodejsModules",
    ]),
    [
      "another dialect",
      "libs/dialects/src/native/breach.ts",
      'import { nothing } from "../other/frame.ts";\nexport const breach = nothing;\n',
      "noRestrictedImports",
    ],
    ...["libs/core", "libs/client", "services/edge", "services/web"].map((folder): [string, string, string, string] => [
      `JSON in ${folder}`,
      `${folder}/src/breach.ts`,
      'export const breach: unknown = JSON.parse("1");\n',
      "noRestrictedGlobals",
    ]),
    ["the wall clock in core", "libs/core/src/breach.ts", "export const breach = Date.now();\n", "noRestrictedGlobals"],
    ["any", "libs/core/src/breach.ts", "export const breach: any = 1;\n", "noExplicitAny"],
    [
      "a promise that nobody awaits",
      "libs/core/src/breach.ts",
      "async function work(): Promise<void> {}\nexport function breach(): void {\n  work();\n}\n",
      "noFloatingPromises",
    ],
  ])("of the linter refuse %s", async (_name, path, text, rule) => {
    const mend = house.write(path, text);
    try {
      const { exitCode, output } = await house.lint();
      expect(output).toContain(`${path}:`);
      expect(output).toContain(rule);
      expect(exitCode).not.toBe(0);
    } finally {
      mend();
    }
  });

  // The compiler's codes differ between versions; that it fails, and where, does not.
  test.each<[string, string, string]>([
    [
      "a relative path out of the package",
      "libs/codec/src/breach.ts",
      'import { nothing } from "../../protocol/src/mod.ts";\nexport const breach = nothing;\n',
    ],
    [
      "a deep import past the front door",
      "libs/codec/src/breach.ts",
      'import { nothing } from "@heliograph/protocol/src/mod.ts";\nexport const breach = nothing;\n',
    ],
    ["a global of Node in core", "libs/core/src/breach.ts", "export const breach = process.pid;\n"],
    ["a timer in core", "libs/core/src/breach.ts", "export const breach = setTimeout;\n"],
    ["an enum", "libs/core/src/breach.ts", "export enum Breach {\n  One,\n}\n"],
  ])("of the compiler refuse %s", async (_name, path, text) => {
    const mend = house.write(path, text);
    try {
      const { exitCode, output } = await house.compile();
      expect(output).toContain(path);
      expect(exitCode).not.toBe(0);
    } finally {
      mend();
    }
  });

  test("of the compiler refuse a cycle of packages", async () => {
    const cyclic = {
      extends: "../../tsconfig.base.json",
      compilerOptions: { composite: true, rootDir: "src", outDir: "dist" },
      include: ["src"],
      references: [{ path: "../codec" }],
    };
    const mend = house.write("libs/protocol/tsconfig.json", JSON.stringify(cyclic));
    try {
      const { exitCode, output } = await house.compile();
      expect(output).toMatch(/circular|cycle/i);
      expect(exitCode).not.toBe(0);
    } finally {
      mend();
    }
  });
});

function manifestOf(name: string): Manifest {
  const found = manifests.find((manifest) => manifest.name === name);
  if (found === undefined) throw new Error(`${name} is no workspace`);
  return found;
}
