// @ts-check
// npm run test:kill-loop: the kill loop at full length, kind by kind, with its table.
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { installClusterTools, installServers } from "./install.mjs";
import { runPackage, tool } from "./steps.mjs";

const kinds = ["edge", "keeper", "redis", "haproxy", "rolling", "pause", "nats"];

const help = `npm run test:kill-loop [-- --rounds <number>] [--kind <list>] [--seed <number>] [--keep]

  --rounds <number>  of each kind (20)
  --kind <list>      of ${kinds.join(", ")} (all)
  --seed <number>    the same seed strikes the same at the same moments
  --keep             leaves the journals where they are, and says where
`;

await tool(() => {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "20" },
      kind: { type: "string", default: kinds.join(",") },
      seed: { type: "string" },
      keep: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return;
  }
  installClusterTools();
  installServers();
  build();
  runPackage("vitest/vitest.mjs", ["run", "test/cluster/kill-loop.test.ts"], {
    HELIOGRAPH_KILL_ROUNDS: values.rounds,
    HELIOGRAPH_KILL_KINDS: values.kind,
    ...(values.seed === undefined ? {} : { HELIOGRAPH_SEED: values.seed }),
    ...(values.keep ? { HELIOGRAPH_KEEP_JOURNALS: "1" } : {}),
  });
});
