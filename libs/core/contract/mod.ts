/** The suites that every implementation of a port must pass. */
export * from "./clock.ts";
export * from "./codes.ts";
export * from "./counters.ts";
export * from "./directory.ts";
export { otherRealm, realm, sessionId } from "./fixtures.ts";
export * from "./ice-sets.ts";
export * from "./log.ts";
export type { MemoryStage } from "./memory-stage.ts";
export * from "./nodes.ts";
export * from "./pictures.ts";
export * from "./random.ts";
export * from "./room-copies.ts";
export type { Ability, Stage } from "./stage.ts";
export { casesOn, need } from "./stage.ts";
export * from "./turn-issuer.ts";
export * from "./whisper.ts";
