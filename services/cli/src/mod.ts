/** The heliograph command. */
export { exitCodes } from "./exit-codes.ts";
export { type Programs, type Role, runCommand, type Serve, type Surroundings } from "./program.ts";
