// What `npm run edge` runs: an edge of a cluster, configured by heliograph.yaml, the environment and .env.
import { readFileSync } from "node:fs";
import { withDotEnv } from "@heliograph/config";
import { runEdge } from "./run-edge.ts";

process.exit(await runEdge({ env: withDotEnv(process.env, (path) => readFileSync(path, "utf8")) }));
