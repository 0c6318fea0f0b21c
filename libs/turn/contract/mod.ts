/** What every source of sets promises, its memory twin, and words that tests of TURN share. */
export { eu, hidden, iceSet, issuerSettings, us } from "./fixtures.ts";
export type { IceSourceUnderTest } from "./ice-source.ts";
export { iceAsker, iceSourceContract } from "./ice-source.ts";
export * from "./issuer-stage.ts";
export { ProbedZones, unprobed } from "./probed-zones.ts";
export { type Asked, ScriptedService } from "./scripted-service.ts";
export { ScriptedSource } from "./scripted-source.ts";
