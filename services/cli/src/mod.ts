/** The heliograph command. */
export { exitCodes, type Programs, runCommand, type Surroundings } from "./program.ts";
