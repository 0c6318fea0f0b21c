// What `npm run conformance -- <url>` runs.
import { runCommand } from "./command.ts";

process.exitCode = await runCommand(
  process.argv.slice(2),
  (line) => console.log(line),
  (line) => console.error(line),
);
