/** The native protocol's kit: runs against any server by its URL. */
export type { Case } from "./case.ts";
export { cases } from "./cases/mod.ts";
export { type ExitCode, runCommand } from "./command.ts";
export { type ConformanceOptions, runConformance, type Tally } from "./conformance.ts";
export { CannotConnect } from "./fault.ts";
