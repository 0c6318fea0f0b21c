// What `npm run keeper` runs: a keeper, configured by heliograph.yaml, the environment and .env.
import { readFileSync } from "node:fs";
import { withDotEnv } from "@heliograph/config";
import { runKeeper } from "./run-keeper.ts";

process.exit(await runKeeper({ env: withDotEnv(process.env, (path) => readFileSync(path, "utf8")) }));
