// The one value that a process is configured by: every default filled in, every `auto` decided, frozen.
import type { Secret } from "./secret.ts";
import type { Settings } from "./settings.ts";

type Frozen<T> = T extends string | number | boolean | Secret<string> | Secret<Uint8Array>
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Frozen<Item>[]
    : { readonly [Key in keyof T]: Frozen<T[Key]> };

/** Durations are milliseconds, sizes bytes, paths of files as this process can open them. */
export type Config = Frozen<
  Omit<Settings, "ownPage" | "drain"> & {
    ownPage: boolean | "loopback";
    drain: Omit<Settings["drain"], "lag"> & { lag: number };
  }
>;

/** Decides what `auto` means here, and freezes the whole. */
export function settle(read: Settings): Config {
  const own = isLoopback(read.listen.host);
  return frozen({
    ...read,
    ownPage: read.ownPage === "auto" ? own && "loopback" : read.ownPage,
    drain: { ...read.drain, lag: read.drain.lag === "auto" ? (own ? 0 : 2_000) : read.drain.lag },
  });
}

/** Whether only this machine can connect to the address. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1|::ffff:127(\.\d{1,3}){3})$/i.test(host);
}

function frozen<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === "object" && inner !== null) frozen(inner);
  return Object.freeze(value);
}
