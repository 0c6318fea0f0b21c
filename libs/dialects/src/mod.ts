/** Wire protocols as pure functions between plain values and the vocabulary; each dialect has a door of its own. */
export type * from "./dialect.ts";
