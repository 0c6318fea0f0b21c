/** The vocabulary of Heliograph: ids, commands, events, refusals, close codes. */
export type * from "./body.ts";
export * from "./close-code.ts";
export type * from "./command.ts";
export * from "./epoch.ts";
export type * from "./event.ts";
export type * from "./ice.ts";
export * from "./ids.ts";
export * from "./outcome.ts";
export * from "./position.ts";
export * from "./refusal.ts";
export * from "./room.ts";
