// @ts-check
// npm run cluster and npm run chaos: installs the servers that are not there, builds, and becomes the program.
import { pathToFileURL } from "node:url";
import { build } from "./build.mjs";
import { installClusterTools, installServers } from "./install.mjs";
import { Remedy, root, tool } from "./steps.mjs";

await tool(async () => {
  const [program, ...rest] = process.argv.slice(2);
  if (program !== "main" && program !== "chaos-main")
    throw new Remedy("Run it as `npm run cluster` or `npm run chaos`.");
  // Whoever asks for help waits for nothing but the build.
  if (program === "main" && !rest.includes("--help")) {
    installClusterTools();
    installServers();
  }
  build();
  const path = `${root}cluster/dist/${program}.js`;
  process.argv.splice(1, process.argv.length, path, ...rest);
  await import(pathToFileURL(path).href);
});
