/** The process for what no edge should own: rooms whose hosts all died, and asking services for TURN logins. */
export { runKeeper } from "./run-keeper.ts";
export { type RunningKeeper, startKeeper } from "./start.ts";
export { TurnDuties, type TurnDutiesPorts } from "./turn-duties.ts";
