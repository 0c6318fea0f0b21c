// A built `heliograph` command as a process, configured by a file of its own; it may die and be started any number of times.
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Child } from "./child.ts";
import type { Part, PartKind } from "./part.ts";
import { statusOf, waitFor } from "./wait.ts";

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

export class HeliographProcess implements Part {
  readonly name: string;
  readonly kind: PartKind;
  /** Where its health is asked for. */
  readonly port: number;
  readonly #args: readonly string[];
  readonly #folder: string;
  readonly #ready: string;
  #child: Child | undefined;

  constructor({ name, kind, command, settings, healthPort, entry = heliographCommand }: HeliographProcessOptions) {
    this.name = name;
    this.kind = kind;
    this.#folder = mkdtempSync(join(tmpdir(), `heliograph-${kind}-`));
    const file = join(this.#folder, "heliograph.yaml");
    // YAML reads JSON as it is.
    writeFileSync(file, JSON.stringify(settings, undefined, 2), { mode: 0o600 });
    writeFileSync(this.logFile, "");
    this.#args = [entry, ...command, "--config", file];
    this.port = healthPort;
    this.#ready = `http://127.0.0.1:${healthPort}/readyz`;
  }

  get running(): boolean {
    return this.#child?.running === true;
  }

  get pid(): number | undefined {
    return this.running ? this.#child?.pid : undefined;
  }

  /** Where it writes, life after life. Removed with its folder. */
  get logFile(): string {
    return join(this.#folder, "heliograph.log");
  }

  /** Everything it has said in all its lives. */
  get log(): string {
    return readFileSync(this.logFile, "utf8");
  }

  async start(): Promise<void> {
    if (this.running) return;
    const child = new Child({
      program: process.execPath,
      args: this.#args,
      folder: this.#folder,
      env: { ...withoutOurs, NODE_ENV: "production" },
      hear: (chunk) => appendFileSync(this.logFile, chunk),
    });
    this.#child = child;
    await waitFor(`${this.name} to be ready`, async () => {
      if (!child.running) throw new Error(`${this.name} ended:\n${child.output}`);
      return (await statusOf(this.#ready)) === 200;
    });
  }

  async kill(): Promise<void> {
    await this.#child?.end("SIGKILL");
  }

  async terminate(): Promise<void> {
    await this.#child?.end("SIGTERM");
  }

  pause(): void {
    this.#child?.signal("SIGSTOP");
  }

  wake(): void {
    this.#child?.signal("SIGCONT");
  }

  /** Ends it for good and removes its folder. */
  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
