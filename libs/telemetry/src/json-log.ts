// Lines for programs: one JSON object each, with the time in ISO 8601 and the level by its name.
import type { Logger } from "pino";
import { pino } from "pino";
import type { Fields, LineLevel, Log, LogLevel, LogStream } from "./log.ts";
import { withoutTokens } from "./without-tokens.ts";

export class JsonLog implements Log {
  readonly #pino: Logger;
  #level: LogLevel;

  constructor(level: LogLevel, stream: LogStream, now: () => number) {
    this.#level = level;
    const timestamp = () => `,"time":"${new Date(now()).toISOString()}"`;
    const formatters = { level: (label: string) => ({ level: label }) };
    this.#pino = pino({ level, base: null, timestamp, formatters }, { write: (line) => void stream.write(line) });
  }

  get level(): LogLevel {
    return this.#level;
  }

  set level(level: LogLevel) {
    this.#level = level;
    this.#pino.level = level;
  }

  write(level: LineLevel, says: string, fields: Fields = {}): void {
    if (!this.#pino.isLevelEnabled(level)) return;
    const entries = Object.entries(fields).map(([name, value]) => {
      return [name, typeof value === "string" ? withoutTokens(value) : value] as const;
    });
    this.#pino[level](Object.fromEntries(entries), says);
  }
}
