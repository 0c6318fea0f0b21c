// What settings are made of: quantities with units, choices, files, secrets, each a leaf of the schema.
import Type from "typebox";
import type { Secret } from "./secret.ts";

/** How a leaf is written, where that is more than its JSON type; `shape.ts` reads these words. */
export interface LeafOptions {
  readonly description: string;
  readonly default?: unknown;
  /** What would be right, for people, where the type and its bounds do not say it. */
  readonly expects?: string;
  readonly examples?: readonly unknown[];
  /** Of a text or secret: a regular expression that it fits whole. */
  readonly pattern?: string;
  /** A running process takes a new value over when the file changes or on SIGHUP. */
  readonly reload?: true;
}

export interface Bounds {
  readonly minimum: number;
  readonly maximum: number;
}

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;
export const kibi = 1_024;
export const mebi = 1_024 * kibi;
export const gibi = 1_024 * mebi;

export const duration = (options: LeafOptions & Bounds) => Type.Integer({ ...options, form: "duration" });
export const size = (options: LeafOptions & Bounds) => Type.Integer({ ...options, form: "size" });
export const choice = <const T extends string | boolean>(choices: readonly T[], options: LeafOptions) =>
  Type.Unsafe<T>({ enum: choices, form: "choice", ...options });
/** The path of a file that must be readable, from the folder of the configuration file that names it. */
export const file = (options: LeafOptions) => Type.String({ ...options, form: "file", minLength: 1 });
export const secret = (options: LeafOptions) =>
  Type.Unsafe<Secret<string>>({ type: "string", form: "secret", ...options });
export const key = (options: LeafOptions) =>
  Type.Unsafe<Secret<Uint8Array>>({ type: "string", form: "key", ...options });

export const reload = true;
