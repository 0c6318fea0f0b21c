#!/usr/bin/env node
// The heliograph command, present before the first build so that `npm ci` can link it.
import { existsSync } from "node:fs";

const program = new URL("../dist/main.js", import.meta.url);
if (existsSync(program)) {
  await import(program.href);
} else {
  process.stderr.write("heliograph is not built yet. Run `npm run build` first.\n");
  process.exitCode = 1;
}
