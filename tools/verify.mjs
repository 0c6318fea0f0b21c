// @ts-check
// npm run verify: installs what the tests need and is not there, builds, checks, runs every test, and ends with one line.
// Runs on a clean clone: nothing here may import more than Node itself brings.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "./build.mjs";
import { checkWithoutWalls } from "./check.mjs";
import { installPackages, installServers, installSystemTools, requireNode } from "./install.mjs";
import { Remedy, runPackage, StepFailed, step } from "./steps.mjs";

const tally = { passed: 0, failed: 0, skipped: 0 };

/**
 * A step that fails counts as one failure and is told again at the end; what does not need it still runs.
 * @param {() => void} work
 * @returns {boolean} whether it succeeded
 */
function attempt(work) {
  try {
    work();
    return true;
  } catch (error) {
    // A bug in a tool must not cost the closing line either.
    const known = error instanceof StepFailed || error instanceof Remedy;
    troubles.push(known ? error.message : String(error instanceof Error ? error.stack : error));
    tally.failed += 1;
    return false;
  }
}

/** @type {string[]} */
const troubles = [];

function test() {
  const folder = mkdtempSync(join(tmpdir(), "heliograph-verify-"));
  const file = join(folder, "tally.json");
  try {
    const ended = attempt(() =>
      step("test", () => runPackage("vitest/vitest.mjs", ["run"], { HELIOGRAPH_TALLY: file })),
    );
    const counted = readTally(file);
    if (counted === undefined) {
      troubles.push("vitest ended without a count: it crashed, or found no test.");
      if (ended) tally.failed += 1;
      return;
    }
    // The step's own failure is those tests' failure, not one more.
    if (!ended && counted.failed > 0) tally.failed -= 1;
    tally.passed += counted.passed;
    tally.failed += counted.failed;
    tally.skipped += counted.skipped;
    if (ended && counted.failed + counted.passed === 0) {
      troubles.push("No test ran.");
      tally.failed += 1;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} file
 * @returns {typeof tally | undefined}
 */
function readTally(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // Absent or cut short says the same: the run did not reach its end.
    return undefined;
  }
}

if (attempt(requireNode) && attempt(installPackages) && attempt(installSystemTools) && attempt(installServers)) {
  attempt(() => build(["--force"]));
  attempt(checkWithoutWalls);
  test();
}

for (const trouble of troubles) process.stdout.write(`[heliograph] ${trouble}\n`);
process.stdout.write(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped\n`);
process.exitCode = tally.failed === 0 ? 0 : 1;
