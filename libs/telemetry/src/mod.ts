/** What core observed, as lines of a log. */
export type { Fields, LineLevel, Log, LogLevel, LogOptions, LogStream } from "./log.ts";
export { openLog } from "./log.ts";
export { LogObserver } from "./log-observer.ts";
export { type LineName, lines } from "./names.ts";
