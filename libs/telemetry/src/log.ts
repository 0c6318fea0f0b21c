// The log of a process: one line for each thing that happened, as JSON for programs or as text for people.
import { JsonLog } from "./json-log.ts";
import { PrettyLog } from "./pretty-log.ts";

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";
/** What a line may be of: `silent` is for the threshold only. */
export type LineLevel = Exclude<LogLevel, "silent">;

/** A member that is undefined is left out. Texts of several lines are allowed. */
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Neither method throws. Nothing in a line may be a secret; resume tokens inside texts are cut short. */
export interface Log {
  /** Lines below it are not written. May change at any time. */
  level: LogLevel;
  write(level: LineLevel, says: string, fields?: Fields): void;
}

/** What lines are written to; `process.stdout` is one. */
export interface LogStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface LogOptions {
  readonly level: LogLevel;
  /** `auto`: `pretty` where the stream is a terminal. */
  readonly format: "json" | "pretty" | "auto";
}

/** `now`: milliseconds since 1970, for the time of each line. */
export function openLog(options: LogOptions, stream: LogStream, now: () => number): Log {
  const terminal = stream.isTTY === true;
  const pretty = options.format === "pretty" || (options.format === "auto" && terminal);
  return pretty ? new PrettyLog(options.level, stream, now, terminal) : new JsonLog(options.level, stream, now);
}
