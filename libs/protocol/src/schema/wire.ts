// How a schema becomes a TypeScript type of the wire: everything readable, nothing writable.
import type { Static, TSchema } from "typebox";

type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;

/** The values a schema allows, deeply read-only, so that frames can be made of the vocabulary's own read-only parts. */
export type Wire<Schema extends TSchema> = Frozen<Static<Schema>>;
