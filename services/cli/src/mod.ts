/** The heliograph command. */
export { exitCodes, type Programs, type Role, runCommand, type Serve, type Surroundings } from "./program.ts";
