/** The decisions of Heliograph: rooms as state machines over a log, and what a node does around them. */
export type * from "./connection.ts";
export * from "./identity.ts";
export { Node } from "./node.ts";
export * from "./ports/mod.ts";
export type * from "./room/copy.ts";
export type { CopyChanges } from "./room/copy-changes.ts";
export { changesBetween, withChanges } from "./room/copy-changes.ts";
export type { Effect } from "./room/effect.ts";
export type { Entry } from "./room/entry.ts";
export { entryBytes } from "./room/entry.ts";
export { Room, type RoomRules } from "./room/room.ts";
export type { Session } from "./session.ts";
export { defaultSettings, type NodeSettings } from "./settings.ts";
export { type TokenKey, Tokens } from "./token.ts";
export type { World } from "./world.ts";
