// Who may import whom: every workspace, our packages it may depend on, and the ones of others.
export const scope = "@heliograph/";

export interface Allowance {
  readonly folder: string;
  readonly ours: readonly string[];
  readonly others: readonly string[];
}

/** Everything that is not here is forbidden. A new line of `others` wants its line in docs/adr/0006-dependencies.md. */
export const allowed: Readonly<Record<string, Allowance>> = {
  protocol: { folder: "libs/protocol", ours: [], others: ["typebox"] },
  codec: { folder: "libs/codec", ours: ["protocol"], others: ["msgpackr"] },
  dialects: { folder: "libs/dialects", ours: ["protocol"], others: [] },
  core: { folder: "libs/core", ours: ["protocol"], others: ["@noble/hashes"] },
  config: { folder: "libs/config", ours: [], others: ["typebox", "yaml"] },
  telemetry: { folder: "libs/telemetry", ours: ["core", "protocol"], others: ["pino"] },
  client: { folder: "libs/client", ours: ["codec", "protocol"], others: [] },
  edge: {
    folder: "services/edge",
    ours: ["codec", "config", "core", "dialects", "protocol", "telemetry"],
    others: ["uWebSockets.js", "ws"],
  },
  standalone: {
    folder: "services/standalone",
    ours: ["config", "core", "edge", "protocol", "telemetry", "web"],
    others: [],
  },
  cli: { folder: "services/cli", ours: ["config", "conformance", "standalone"], others: ["commander"] },
  web: { folder: "services/web", ours: ["client", "protocol"], others: ["@preact/signals", "preact"] },
  conformance: { folder: "test/conformance", ours: ["codec", "protocol"], others: ["ws"] },
  test: { folder: "test", ours: [], others: [] },
  loadtest: {
    folder: "loadtest",
    ours: ["client", "codec", "core", "edge", "protocol", "standalone"],
    others: ["uWebSockets.js", "ws"],
  },
};

/** What only tests and builds import, by workspace; vitest and fast-check are everybody's. */
export const allowedForTests: Readonly<Record<string, readonly string[]>> = {
  client: ["esbuild"],
  web: ["axe-core", "vite"],
  test: [
    "@heliograph/client",
    "@heliograph/codec",
    "@heliograph/config",
    "@heliograph/conformance",
    "@heliograph/core",
    "@heliograph/dialects",
    "@heliograph/edge",
    "@heliograph/protocol",
    "@heliograph/standalone",
    "axe-core",
    "playwright-core",
    "selfsigned",
    "ws",
  ],
};

export const everybodysTools: readonly string[] = ["fast-check", "vitest"];
