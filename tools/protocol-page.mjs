// @ts-check
// npm run docs:protocol: writes docs/protocol/v1.schema.json and the tables of docs/protocol/v1.md anew from the schema.

import { readFileSync, writeFileSync } from "node:fs";
import { Remedy, root, runPackage, step, tool } from "./steps.mjs";

const folder = `${root}docs/protocol/`;

await tool(async () => {
  step("compile the schema", () => runPackage("typescript/bin/tsc", ["-b", "libs/protocol"]));
  // By a computed name: what is built is not there yet when this file is checked.
  const { fill, jsonSchema, tables } = await import(`${root}libs/protocol/dist/page/mod.js`);
  writeFileSync(`${folder}v1.schema.json`, `${JSON.stringify(jsonSchema(), null, 2)}\n`);
  const { page, homeless } = fill(readFileSync(`${folder}v1.md`, "utf8"), tables());
  if (homeless.length > 0)
    throw new Remedy(`docs/protocol/v1.md has no markers for: ${homeless.join(", ")}. Add them.`);
  writeFileSync(`${folder}v1.md`, page);
});
