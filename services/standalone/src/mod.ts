/** An edge over the memory twins in one process: `npm start`. */
export { runStandalone } from "./run.ts";
export { startStandalone } from "./start.ts";
