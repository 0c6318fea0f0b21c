/** One YAML file and the environment over it, as one frozen typed value or the list of all mistakes. */
export type { Config } from "./config.ts";
export { isLoopback } from "./config.ts";
export { writeConfig } from "./effective.ts";
export type { Environment } from "./environment.ts";
export { withDotEnv, workerVariable } from "./environment.ts";
export type { ConfigOption, ConfigSource, Loaded, LoadResult } from "./load.ts";
export { loadConfig } from "./load.ts";
export type { Mistake, Place } from "./mistake.ts";
export { writeMistake } from "./mistake.ts";
export type { Program } from "./relations.ts";
export type { Changes } from "./reload.ts";
export { reloadable } from "./reload.ts";
export type { Secret } from "./secret.ts";
export type { Reload, ReloadListener, WatchWorld } from "./watch.ts";
export { ConfigWatch } from "./watch.ts";
