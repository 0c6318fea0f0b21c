/** The heliograph command. */
export { exitCodes, type Programs, runCommand, type Surroundings, type Tally } from "./program.ts";
