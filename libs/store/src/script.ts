// Steps that Redis takes whole or not at all: Lua files, sent by their digest.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Client, Word } from "./client.ts";

export class Script {
  readonly name: string;
  readonly #text: string;
  readonly #digest: string;

  /**
   * Reads `<name>.lua` of the package's scripts, which stand beside `src` and `dist`, so that no build has to copy
   * them. A missing file is a broken installation and throws.
   */
  constructor(name: string) {
    this.name = name;
    this.#text = readFileSync(new URL(`../scripts/${name}.lua`, import.meta.url), "utf8");
    this.#digest = createHash("sha1").update(this.#text).digest("hex");
  }

  /** A server that does not know the script (new, restarted, flushed) is told its text. */
  run(client: Client, keys: readonly string[], args: readonly Word[]): Promise<unknown> {
    return this.#by("EVALSHA", "EVAL", client, keys, args);
  }

  /** For a script that only reads: the other way asks for permission to write its keys. */
  look(client: Client, keys: readonly string[], args: readonly Word[]): Promise<unknown> {
    return this.#by("EVALSHA_RO", "EVAL_RO", client, keys, args);
  }

  async #by(
    byDigest: string,
    byText: string,
    client: Client,
    keys: readonly string[],
    args: readonly Word[],
  ): Promise<unknown> {
    try {
      return await client.call(byDigest, [this.#digest, keys.length, ...keys, ...args]);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
      return await client.call(byText, [this.#text, keys.length, ...keys, ...args]);
    }
  }
}
