// The process of the heliograph command.
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Programs } from "./program.ts";
import { runCommand } from "./program.ts";

/** Loaded when asked for: nobody waits for a server to read a configuration. */
const programs: Programs = {
  standalone: async (source) => (await import("@heliograph/standalone")).runStandalone(source),
  edge: async (source) => (await import("@heliograph/edge")).runEdge(source),
  keeper: async (source) => (await import("@heliograph/keeper")).runKeeper(source),
  natsPermissions: async (role, { nats }) => (await import("@heliograph/bus")).natsPermissions(role, nats.shards),
  redisPermissions: async (role, { redis: { username, password } }) => {
    const { redisPermissions } = await import("@heliograph/store");
    return redisPermissions(role, {
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password: password.reveal() }),
    });
  },
  turnProbe: async (...asked) => (await import("./turn-probe.ts")).probeTurn(...asked),
  turnCoturn: async (...asked) => (await import("./turn-coturn.ts")).coturnFileOf(...asked),
  conformance: async (...asked) => (await import("@heliograph/conformance")).runCommand(...asked),
};

const manifest: { readonly version: string } = createRequire(import.meta.url)("../package.json");

const code = await runCommand(process.argv.slice(2), programs, {
  version: manifest.version,
  env: process.env,
  readFile: (path) => readFileSync(path, "utf8"),
  now: Date.now,
  random: randomBytes,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
});
// A pipe is written behind our back: what was said leaves first.
process.stdout.write("", () => process.exit(code));
