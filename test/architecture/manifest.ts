// What a workspace says about itself, and where that breaks the table of allowed imports.
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { allowed, allowedForTests, everybodysTools, scope } from "./allowed.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Manifest {
  readonly name: string;
  readonly folder: string;
  readonly private: boolean;
  readonly type: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  /** The folders that its tsconfig.json references, from the root. */
  readonly references: readonly string[];
}

/** Every workspace that the root's package.json names. */
export function readManifests(): readonly Manifest[] {
  const { workspaces } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return workspaces.map((folder: string) => {
    const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const { references = [] } = JSON.parse(readFileSync(join(root, folder, "tsconfig.json"), "utf8"));
    return {
      dependencies: {},
      devDependencies: {},
      ...manifest,
      folder,
      references: references.map(({ path }: { path: string }) => relative(root, join(root, folder, path))),
    };
  });
}

/** Packages of others in every manifest, the root's included, each with the version it is pinned to. */
export function dependenciesOfOthers(manifests: readonly Manifest[]): ReadonlyMap<string, string> {
  const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const every = [
    devDependencies,
    ...manifests.flatMap((manifest) => [manifest.dependencies, manifest.devDependencies]),
  ];
  return new Map(
    every.flatMap((versions) => Object.entries<string>(versions)).filter(([name]) => !name.startsWith(scope)),
  );
}

/** The rows of the record of dependencies: package to version. */
export function recordedDependencies(): ReadonlyMap<string, string> {
  const page = readFileSync(join(root, "docs/adr/0006-dependencies.md"), "utf8");
  return new Map(
    [...page.matchAll(/^\| `([^`]+)` \| (\S+) \|/gm)].map(([, name = "", version = ""]) => [name, version]),
  );
}

/** One sentence for each thing a manifest says that it may not say. */
export function breaches(manifest: Manifest): readonly string[] {
  const found: string[] = [];
  const short = manifest.name.slice(scope.length);
  const allowance = allowed[short];
  if (!manifest.name.startsWith(scope) || allowance === undefined || allowance.folder !== manifest.folder) {
    return [`${manifest.folder} (${manifest.name}) is not in the table of allowed imports`];
  }
  const runs = new Set([...allowance.ours.map((name) => scope + name), ...allowance.others]);
  const tests = new Set([...runs, ...everybodysTools, ...(allowedForTests[short] ?? [])]);
  for (const name of Object.keys(manifest.dependencies)) {
    if (!runs.has(name)) found.push(`${short} may not depend on ${name}`);
  }
  for (const name of Object.keys(manifest.devDependencies)) {
    if (!tests.has(name)) found.push(`${short} may not use ${name}, not even to test`);
  }
  const every = { ...manifest.dependencies, ...manifest.devDependencies };
  for (const [name, version] of Object.entries(every)) {
    if (!/^(npm:[^@]+@)?\d+\.\d+\.\d+$/.test(version)) found.push(`${short} does not pin ${name}: ${version}`);
  }
  if (!manifest.private || manifest.type !== "module" || manifest.license !== "Apache-2.0") {
    found.push(`${short} is not a private Apache-2.0 ES module`);
  }
  // The pages are files to serve: nothing of theirs is compiled against.
  const needed = Object.keys(every).flatMap((name) =>
    name.startsWith(scope) && name !== `${scope}web` ? [allowed[name.slice(scope.length)]?.folder ?? name] : [],
  );
  if (needed.sort().join() !== [...manifest.references].sort().join()) {
    found.push(
      `${short} references ${manifest.references.join(", ")} in tsconfig.json but depends on ${needed.join(", ")}`,
    );
  }
  return found;
}
