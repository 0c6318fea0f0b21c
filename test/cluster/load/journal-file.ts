// One journal being written: a line of JSON for each thing, in the order in which they happened.
import type { WriteStream } from "node:fs";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";

/** What a line says; the file adds when. */
type Said<Line> = Line extends unknown ? Omit<Line, "at"> : never;

export class JournalFile<Line extends { readonly at: number }> {
  readonly #stream: WriteStream;
  #lines = "";
  #over = false;

  constructor(path: string) {
    this.#stream = createWriteStream(path);
  }

  write(said: Said<Line>): void {
    this.writeAt(Date.now(), said);
  }

  /** For what was noticed later than it happened. */
  writeAt(at: number, said: Said<Line>): void {
    // A run that is broken off closes its journals while the crowd still talks.
    if (this.#over) return;
    // Thousands of lines a second in hundreds of files: they leave by the block.
    this.#lines += `${JSON.stringify({ at, ...said })}\n`;
    if (this.#lines.length > 16_384) this.#flush();
  }

  /** Resolves when all of it is on disk. */
  async end(): Promise<void> {
    this.#flush();
    this.#over = true;
    this.#stream.end();
    await finished(this.#stream);
  }

  #flush(): void {
    if (this.#lines !== "") this.#stream.write(this.#lines);
    this.#lines = "";
  }
}
