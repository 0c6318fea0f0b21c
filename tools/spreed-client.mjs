// @ts-check
// npm run test:spreed-client: the unmodified web client of Spreed WebRTC, from a folder of yours, against a cluster of ours.
import { existsSync } from "node:fs";
import { build } from "./build.mjs";
import { runPackage, tool } from "./steps.mjs";

const folder = process.env["HELIOGRAPH_SPREED_CLIENT"] ?? "";

await tool(() => {
  if (folder === "" || !existsSync(`${folder}/static/js/main.js`)) {
    const why = folder === "" ? "is not set" : "names no folder with static/js/main.js in it";
    process.stdout.write(`[heliograph] NOT RUN: HELIOGRAPH_SPREED_CLIENT ${why}.\n`);
    return;
  }
  build();
  runPackage("vitest/vitest.mjs", ["run", "--project", "web-client"]);
});
