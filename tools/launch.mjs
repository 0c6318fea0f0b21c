// @ts-check
// npm start and its like: builds what is missing or stale, then becomes the program that was named.
import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { build } from "./build.mjs";
import { Remedy, root, tool } from "./steps.mjs";

await tool(async () => {
  const [entry, ...rest] = process.argv.slice(2);
  if (entry === undefined) throw new Remedy("Say which program to start: node tools/launch.mjs <entry> [arguments]");
  const path = `${root}${entry}`;
  // An image ships what was built and no compiler: there is nothing to build there, and nothing stale.
  if (existsSync(`${root}node_modules/typescript`) || !existsSync(path)) build();
  if (!existsSync(path)) throw new Remedy(`${entry} does not exist after the build: its source is missing.`);
  // In this process, not a child: signals and the exit code need no relay then.
  process.argv.splice(1, process.argv.length, path, ...rest);
  await import(pathToFileURL(path).href);
});
