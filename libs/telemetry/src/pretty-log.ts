// Lines for people: the time of day, the level, what happened, and its fields; texts of several lines stand below.
import type { Fields, LineLevel, Log, LogLevel, LogStream } from "./log.ts";
import { withoutTokens } from "./without-tokens.ts";

const order = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const satisfies readonly LogLevel[];

/** Colours of a terminal (ECMA-48 section 8.3.117); levels that are not here have none. */
const colours: Readonly<Partial<Record<LineLevel, string>>> = {
  trace: "\x1b[2m",
  debug: "\x1b[2m",
  warn: "\x1b[33m",
  error: "\x1b[31m",
  fatal: "\x1b[31m",
};

export class PrettyLog implements Log {
  level: LogLevel;
  readonly #stream: LogStream;
  readonly #now: () => number;
  readonly #coloured: boolean;

  constructor(level: LogLevel, stream: LogStream, now: () => number, coloured: boolean) {
    this.level = level;
    this.#stream = stream;
    this.#now = now;
    this.#coloured = coloured;
  }

  write(level: LineLevel, says: string, fields: Fields = {}): void {
    if (order.indexOf(level) < order.indexOf(this.level)) return;
    const time = new Date(this.#now()).toISOString().slice(11, 23);
    const parts = [time, this.#painted(level), harmless(says)];
    const below: string[] = [];
    for (const [name, value] of Object.entries(fields)) {
      if (value === undefined) continue;
      const text = typeof value === "string" ? withoutTokens(value) : String(value);
      if (text.includes("\n")) below.push(...text.split("\n").map((line) => `    ${harmless(line)}`));
      else parts.push(`${name}=${/^[^\s"=]+$/.test(text) ? harmless(text) : `"${harmless(text)}"`}`);
    }
    this.#stream.write(`${[parts.join(" "), ...below].join("\n")}\n`);
  }

  #painted(level: LineLevel): string {
    const label = level.toUpperCase().padEnd(5);
    const colour = this.#coloured ? colours[level] : undefined;
    return colour === undefined ? label : `${colour}${label}\x1b[0m`;
  }
}

/** Names of rooms are chosen by clients: nothing in them may begin a line, move a cursor or turn the writing around. */
function harmless(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
