/** What core asks of the world. Each port has a memory twin in `../memory` and a contract in `../../contract`. */
export type * from "./clock.ts";
export * from "./codes.ts";
export type * from "./counters.ts";
export type * from "./directory.ts";
export type * from "./ice-happening.ts";
export * from "./ice-sets.ts";
export type * from "./log.ts";
export type * from "./nodes.ts";
export type * from "./observer.ts";
export * from "./pictures.ts";
export type * from "./random.ts";
export type * from "./room-copies.ts";
export type * from "./turn-issuer.ts";
export * from "./unreachable.ts";
export type * from "./whisper.ts";
