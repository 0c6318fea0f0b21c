// The codes that open the entrance page: a file of an operator's, read again whenever it has changed.
import { readFile, stat } from "node:fs/promises";

export class AccessCodes {
  readonly #file: string;
  readonly #onFault: (error: unknown) => void;
  #codes: ReadonlySet<string> = new Set();
  #version = "";
  #reading: Promise<void> | undefined;

  /** `onFault`: the file cannot be read; the codes that were last in it go on serving, at the start none. */
  constructor(file: string, onFault: (error: unknown) => void) {
    this.#file = file;
    this.#onFault = onFault;
  }

  /** The code as the file means it, in lower case; undefined if it is not there. Never rejects. */
  async find(said: string): Promise<string | undefined> {
    // One look at the file serves all who ask during it.
    this.#reading ??= this.#refresh().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
    const code = said.trim().toLowerCase();
    return this.#codes.has(code) ? code : undefined;
  }

  async #refresh(): Promise<void> {
    try {
      const { mtimeMs, size, ino } = await stat(this.#file);
      // A file that was put in its place can be as old and as long as the one before.
      const version = `${mtimeMs} ${size} ${ino}`;
      if (version === this.#version) return;
      this.#codes = codesIn(await readFile(this.#file, "utf8"));
      this.#version = version;
    } catch (error) {
      const version = `failed: ${error}`;
      if (version !== this.#version) this.#onFault(error);
      this.#version = version;
    }
  }
}

/** One code a line: its first field, where `:` ends fields and `#` begins lines that are none. */
function codesIn(text: string): ReadonlySet<string> {
  const codes = new Set<string>();
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith("#")) continue;
    const quoted = /^\s*"((?:[^"]|"")*)"/.exec(line)?.[1]?.replaceAll('""', '"');
    const code = (quoted ?? line.split(":")[0] ?? "").trim().toLowerCase();
    if (code !== "") codes.add(code);
  }
  return codes;
}
