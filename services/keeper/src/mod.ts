/** The process for what no edge should own: rooms whose hosts all died. */
export { runKeeper } from "./run-keeper.ts";
export { type RunningKeeper, startKeeper } from "./start.ts";
