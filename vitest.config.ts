// How tests run: sources are read through our own exports condition, so no build comes first; light files share the
// cores, then two files at a time those that mostly wait for servers, and one at a time whatever takes clusters apart.
import { defineConfig } from "vitest/config";

const ours = "heliograph-source";
const servers = ["test/{browser,contracts,dialects,faults,process,turn}/**/*.test.ts"];
const heavy = [
  "test/cluster/**/*.test.ts",
  "test/dialects/*/{browsers,node-death}.test.ts",
  "test/architecture.test.ts",
];
/** Needs what is not ours, from a folder that somebody has: `npm run test:spreed-client`. */
const webClient =
  process.env["HELIOGRAPH_SPREED_CLIENT"] === undefined ? [] : ["test/dialects/spreed/web-client.lane.ts"];
const setup = ["test/kit/fixed-seed.ts", "test/kit/asserting-checks.ts"];

export default defineConfig({
  resolve: { conditions: [ours, "module", "browser", "development|production"] },
  // As Node resolves: under `module` some packages keep what only bundlers can read.
  ssr: { resolve: { conditions: [ours, "node", "development|production"] } },
  test: {
    pool: "forks",
    maxWorkers: 2,
    reporters: ["default", "./tools/tally-reporter.mjs"],
    projects: [
      {
        extends: true,
        test: {
          name: "light",
          include: ["{libs,services,cluster,test,loadtest,tools}/**/*.test.{ts,tsx}"],
          exclude: ["**/node_modules/**", "**/dist/**", ...servers, ...heavy],
          setupFiles: setup,
          // Generous, since no test is a measurement and the cores may be busy.
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "servers",
          include: servers,
          exclude: heavy,
          setupFiles: setup,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "heavy",
          include: heavy,
          setupFiles: setup,
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
      ...webClient.map((lane) => ({
        extends: true as const,
        test: { name: "web-client", include: [lane], testTimeout: 180_000, sequence: { groupOrder: 3 } },
      })),
    ],
  },
});
