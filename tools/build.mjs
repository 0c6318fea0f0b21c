// @ts-check
// npm run build: compiles every workspace that changed, then the pages when what they are made of changed.

import { existsSync, readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Remedy, root, runPackage, step, tool } from "./steps.mjs";

const pages = `${root}services/web`;
// Everything that ends up in a page: a change in any of these makes it stale.
const pageSources = [pages, `${root}libs/client`, `${root}libs/codec`, `${root}libs/protocol`];

/** @param {readonly string[]} args passed to the compiler */
export function build(args = []) {
  if (!existsSync(`${root}node_modules/typescript`)) {
    throw new Remedy("The compiler is not installed. Run `npm ci` first.");
  }
  step("compile", () => runPackage("typescript/bin/tsc", ["-b", ...args]));
  if (existsSync(`${pages}/index.html`) && (args.includes("--force") || pagesAreStale())) {
    step("build the pages", () => runPackage("vite/bin/vite.js", ["build", "--logLevel", "warn"], {}, pages));
  }
}

/** Whether any source of the pages is younger than the built ones. */
function pagesAreStale() {
  const built = `${pages}/dist/index.html`;
  if (!existsSync(built)) return true;
  const since = statSync(built).mtimeMs;
  return pageSources.some((folder) => youngest(folder) > since);
}

/**
 * @param {string} folder
 * @returns {number} when the last file in it was written, apart from what tools wrote
 */
function youngest(folder) {
  let last = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === "dist" || entry.name === "node_modules" || entry.name.endsWith(".tsbuildinfo")) continue;
    const path = `${folder}/${entry.name}`;
    last = Math.max(last, entry.isDirectory() ? youngest(path) : statSync(path).mtimeMs);
  }
  return last;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await tool(() => build(process.argv.slice(2)));
