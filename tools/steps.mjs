// @ts-check
// How every tool runs another program and says what it does: one line before, one with the elapsed time after.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The folder of the repository, whatever folder a command was typed in. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** A step that did not succeed; the output above it says why. */
export class StepFailed extends Error {}

/** What a person must do before we can go on; printed without a stack. */
export class Remedy extends Error {}

/**
 * @param {string} name what the step does, as a person would say it
 * @param {() => void} work
 */
export function step(name, work) {
  const begun = performance.now();
  process.stdout.write(`[heliograph] ${name} …\n`);
  try {
    work();
  } catch (error) {
    process.stdout.write(`[heliograph] ${name}: FAILED after ${elapsed(begun)}\n`);
    throw error;
  }
  process.stdout.write(`[heliograph] ${name}: done in ${elapsed(begun)}\n`);
}

/**
 * Runs a program in the repository's folder, its output in ours.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string>>} [environment] added to our own
 * @param {string} [folder]
 */
export function run(program, args, environment = {}, folder = root) {
  const { status, signal, error } = spawnSync(program, args, {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...environment },
  });
  const line = [program === process.execPath ? "node" : program, ...args].join(" ").replaceAll(root, "");
  if (error !== undefined) throw new StepFailed(`${line} could not start: ${error.message}`, { cause: error });
  if (status !== 0) throw new StepFailed(`${line} ended with ${signal ?? `exit code ${status}`}`);
}

/**
 * Runs the command line of an installed package with this very Node, so that no shell and no PATH take part.
 * @param {string} entry path inside node_modules
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string>>} [environment]
 * @param {string} [folder]
 */
export function runPackage(entry, args, environment, folder) {
  run(process.execPath, [`${root}node_modules/${entry}`, ...args], environment, folder);
}

/**
 * Ends a tool: 0 when its work is done, 1 with a sentence and no stack when a step failed or a person must act.
 * @param {() => void | Promise<void>} work
 */
export async function tool(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof StepFailed || error instanceof Remedy)) throw error;
    process.stderr.write(`[heliograph] ${error.message}\n`);
    process.exitCode = 1;
  }
}

/** @param {number} begun by performance.now() */
function elapsed(begun) {
  return `${((performance.now() - begun) / 1000).toFixed(1)} s`;
}
