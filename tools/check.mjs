// @ts-check
// npm run check: formatting, lint and imports; types of products, tests and tools; then the walls between the packages.
import { fileURLToPath } from "node:url";
import { runPackage, StepFailed, step, tool } from "./steps.mjs";

/** Programs that emit nothing and so are no references of tsconfig.json. */
const typedOnly = ["services/web", "tsconfig.test.json", "test", "tools"];

// Biome colours every letter apart when it believes in a terminal that is none.
const colors = `--colors=${process.stdout.isTTY ? "force" : "off"}`;
const lint = () => runPackage("@biomejs/biome/bin/biome", ["ci", colors, "--max-diagnostics=100", "."]);
const types = () => runPackage("typescript/bin/tsc", ["-b", ".", ...typedOnly]);
const walls = () => runPackage("vitest/vitest.mjs", ["run", "--project", "heavy", "test/architecture.test.ts"]);

export function check() {
  inspect([...withoutWalls, ["walls", walls]]);
}

/** For a run that goes on to every test: the walls' test is one of them. */
export function checkWithoutWalls() {
  inspect(withoutWalls);
}

/** @typedef {readonly [name: string, work: () => void]} Check */

/** @type {readonly Check[]} */
const withoutWalls = [
  ["format, lint, imports", lint],
  ["types", types],
];

/**
 * Goes through every check before it fails, so that one run shows all there is to mend.
 * @param {readonly Check[]} checks
 */
function inspect(checks) {
  /** @type {string[]} */
  const failures = [];
  for (const [name, work] of checks) {
    try {
      step(name, work);
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      failures.push(name);
    }
  }
  if (failures.length > 0) throw new StepFailed(`check failed: ${failures.join("; ")}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await tool(check);
