// A built program of ours as a process of its own: its log, its signals, its end.
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "./until.ts";

/** Where the build put each program that serves. */
export const mains = {
  standalone: built("standalone"),
  edge: built("edge"),
  keeper: built("keeper"),
  command: fileURLToPath(new URL("../../services/cli/bin/heliograph.mjs", import.meta.url)),
} as const;

function built(service: string): string {
  return fileURLToPath(new URL(`../../services/${service}/dist/main.js`, import.meta.url));
}

export interface ServiceOptions {
  readonly main: string;
  readonly args?: readonly string[];
  /** As environment variables, without `HELIOGRAPH_`. */
  readonly settings: Readonly<Record<string, string>>;
  /** For the program that runs it. */
  readonly nodeOptions?: readonly string[];
  /** What lies in its working directory, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export class ServiceProcess {
  readonly ended: Promise<End>;
  /** The working directory: empty, and removed with the process. */
  readonly folder: string;
  readonly #child: ChildProcess;
  #out = "";
  #err = "";

  constructor({ main, args = [], settings, nodeOptions = [], files = {} }: ServiceOptions) {
    this.folder = mkdtempSync(join(tmpdir(), "heliograph-"));
    for (const [name, text] of Object.entries(files)) this.write(name, text);
    // Several run on one machine, and none of them sends clients to a public server.
    const named = Object.entries({ LOG_FORMAT: "json", INTERNAL_LISTEN_PORT: "0", TURN_STUN: "[]", ...settings });
    // Nothing of the caller's own settings: a test says all that it depends on.
    const env = Object.fromEntries(named.map(([name, text]) => [`HELIOGRAPH_${name}`, text]));
    this.#child = spawn(process.execPath, [...nodeOptions, main, ...args], {
      cwd: this.folder,
      env: { PATH: process.env["PATH"] ?? "", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stdout?.on("data", (bytes) => {
      this.#out += bytes;
    });
    this.#child.stderr?.on("data", (bytes) => {
      this.#err += bytes;
    });
    this.ended = new Promise((resolve) =>
      this.#child.on("close", (code, signal) => {
        rmSync(this.folder, { recursive: true, force: true });
        resolve({ code, signal });
      }),
    );
  }

  /** Writes a file of its working directory. */
  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  get lines(): readonly LogLine[] {
    const whole = this.#out.slice(0, this.#out.lastIndexOf("\n") + 1);
    return whole.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as LogLine] : []));
  }

  get errors(): string {
    return this.#err;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Of an edge or standalone, once it is ready. */
  get address(): string {
    const ready = this.lines.find(({ msg }) => msg.startsWith("Heliograph is ready at "));
    return ready?.msg.slice("Heliograph is ready at ".length).replace(/\/$/, "") ?? "";
  }

  get port(): number {
    return Number(new URL(this.address).port);
  }

  /** The first line that says this, once it is there. */
  async line(says: string): Promise<LogLine> {
    const found = () => this.lines.find(({ msg }) => msg.includes(says));
    await until(`the log says “${says}”, or the process ends`, () => found() !== undefined || this.#over);
    const line = found();
    if (line === undefined) throw new Error(`The process ended without saying “${says}”:\n${this.#out}${this.#err}`);
    return line;
  }

  /** Nobody reads its log any more: what it writes from now on breaks the pipe. */
  async deafen(): Promise<void> {
    const { stdout } = this.#child;
    if (stdout === null) return;
    const closed = once(stdout, "close");
    stdout.destroy();
    await closed;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it for certain, as a failing test must. */
  async end(): Promise<void> {
    if (!this.#over) this.#child.kill("SIGKILL");
    await this.ended;
  }

  get #over(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}
