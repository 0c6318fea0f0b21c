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
  system: { folder: "libs/system", ours: ["config", "core", "telemetry"], others: [] },
  bus: {
    folder: "libs/bus",
    ours: ["codec", "core", "protocol"],
    others: ["@nats-io/transport-node"],
  },
  store: { folder: "libs/store", ours: ["codec", "core", "protocol"], others: ["ioredis"] },
  turn: { folder: "libs/turn", ours: ["codec", "core", "protocol"], others: ["undici"] },
  telemetry: {
    folder: "libs/telemetry",
    ours: ["core", "protocol"],
    others: ["@opentelemetry/api", "@opentelemetry/exporter-prometheus", "@opentelemetry/sdk-metrics", "pino"],
  },
  client: { folder: "libs/client", ours: ["codec", "protocol"], others: [] },
  edge: {
    folder: "services/edge",
    ours: ["bus", "codec", "config", "core", "dialects", "protocol", "store", "system", "telemetry", "turn", "web"],
    others: ["uWebSockets.js", "ws"],
  },
  keeper: {
    folder: "services/keeper",
    ours: ["bus", "config", "core", "protocol", "store", "system", "telemetry", "turn"],
    others: [],
  },
  standalone: {
    folder: "services/standalone",
    ours: ["config", "core", "edge", "keeper", "protocol", "system", "telemetry", "turn"],
    others: [],
  },
  cli: {
    folder: "services/cli",
    ours: ["bus", "config", "conformance", "edge", "keeper", "standalone", "store", "system", "telemetry", "turn"],
    others: ["commander"],
  },
  cluster: { folder: "cluster", ours: [], others: ["selfsigned"] },
  web: { folder: "services/web", ours: ["client", "protocol"], others: ["@preact/signals", "preact"] },
  conformance: { folder: "test/conformance", ours: ["codec", "protocol"], others: ["ws"] },
  test: { folder: "test", ours: [], others: [] },
  loadtest: {
    folder: "loadtest",
    ours: ["bus", "client", "cluster", "codec", "core", "edge", "protocol", "standalone", "store", "system"],
    others: ["@socket.io/redis-streams-adapter", "ioredis", "socket.io", "socket.io-client", "uWebSockets.js", "ws"],
  },
};

/** What only tests and builds import, by workspace; vitest and fast-check are everybody's. */
export const allowedForTests: Readonly<Record<string, readonly string[]>> = {
  client: ["esbuild"],
  web: ["axe-core", "vite"],
  test: [
    "@heliograph/bus",
    "@heliograph/client",
    "@heliograph/cluster",
    "@heliograph/codec",
    "@heliograph/config",
    "@heliograph/conformance",
    "@heliograph/core",
    "@heliograph/dialects",
    "@heliograph/edge",
    "@heliograph/keeper",
    "@heliograph/protocol",
    "@heliograph/standalone",
    "@heliograph/store",
    "@heliograph/system",
    "@heliograph/telemetry",
    "@heliograph/turn",
    "@nats-io/jetstream",
    "@nats-io/transport-node",
    "axe-core",
    "ioredis",
    "playwright-core",
    "selfsigned",
    "ws",
    "yaml",
  ],
};

export const everybodysTools: readonly string[] = ["fast-check", "vitest"];
