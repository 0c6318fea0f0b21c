// A built `heliograph` command as a process, configured by a file of its own; it may die and be started any number of times.
import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Child, ChildOptions } from "./child.ts";
import type { Part, PartKind } from "./part.ts";
import { ServerProcess, waitOn } from "./server-process.ts";
import { statusOf } from "./wait.ts";

/** The command of this repository's own build. */
export const heliographCommand = fileURLToPath(new URL("../../services/cli/dist/main.js", import.meta.url));

export interface HeliographProcessOptions {
  readonly name: string;
  readonly kind: PartKind;
  /** What is typed behind `heliograph`, without `--config`. */
  readonly command: readonly string[];
  /** The configuration file, section by section. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Where `/readyz` is answered. */
  readonly healthPort: number;
  /** The command of another build. */
  readonly entry?: string;
}

/** Settings of whoever starts a cluster are not the cluster's: its own file says everything. */
const withoutOurs = Object.fromEntries(
  Object.keys(process.env).flatMap((name) => (name.startsWith("HELIOGRAPH_") ? [[name, undefined]] : [])),
);

export class HeliographProcess extends ServerProcess implements Part {
  readonly name: string;
  readonly kind: PartKind;
  /** Where its health is asked for. */
  readonly port: number;
  readonly #args: readonly string[];
  readonly #ready: string;

  constructor({ name, kind, command, settings, healthPort, entry = heliographCommand }: HeliographProcessOptions) {
    super(mkdtempSync(join(tmpdir(), `heliograph-${kind}-`)));
    this.name = name;
    this.kind = kind;
    const file = join(this.folder, "heliograph.yaml");
    // YAML reads JSON as it is.
    writeFileSync(file, JSON.stringify(settings, undefined, 2), { mode: 0o600 });
    writeFileSync(this.logFile, "");
    this.#args = [entry, ...command, "--config", file];
    this.port = healthPort;
    this.#ready = `http://127.0.0.1:${healthPort}/readyz`;
  }

  /** Where it writes, life after life. Removed with its folder. */
  get logFile(): string {
    return join(this.folder, "heliograph.log");
  }

  /** Everything it has said in all its lives. */
  get log(): string {
    return readFileSync(this.logFile, "utf8");
  }

  protected launch(): ChildOptions {
    return {
      program: process.execPath,
      args: this.#args,
      folder: this.folder,
      env: { ...withoutOurs, NODE_ENV: "production" },
      hear: (chunk) => appendFileSync(this.logFile, chunk),
    };
  }

  protected ready(child: Child): Promise<void> {
    return waitOn(child, `${this.name} being ready`, async () => (await statusOf(this.#ready)) === 200);
  }
}
