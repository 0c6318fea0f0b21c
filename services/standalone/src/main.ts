// What `npm start` runs: standalone, configured by heliograph.yaml, the environment and .env.
import { readFileSync } from "node:fs";
import { withDotEnv } from "@heliograph/config";
import { runStandalone } from "./run.ts";

process.exit(await runStandalone({ env: withDotEnv(process.env, (path) => readFileSync(path, "utf8")) }));
