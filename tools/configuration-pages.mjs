// @ts-check
// npm run docs:configuration: writes the settings' reference page, their JSON Schema and env-sample anew from the schema.

import { mkdirSync, writeFileSync } from "node:fs";
import { root, runPackage, step, tool } from "./steps.mjs";

await tool(async () => {
  step("compile the settings", () => runPackage("typescript/bin/tsc", ["-b", "libs/config"]));
  // By a computed name: what is built is not there yet when this file is checked.
  const { envSample, jsonSchema, referencePage } = await import(`${root}libs/config/dist/page/mod.js`);
  mkdirSync(`${root}docs/operations`, { recursive: true });
  writeFileSync(`${root}docs/operations/configuration.md`, referencePage());
  writeFileSync(`${root}docs/configuration.schema.json`, `${JSON.stringify(jsonSchema(), null, 2)}\n`);
  writeFileSync(`${root}env-sample`, envSample());
});
