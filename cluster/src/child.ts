// One server as a child process: started, signalled by its own id, and its last words kept for whoever must know why.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";

export interface ChildOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder?: string;
  /** Over our own environment; `undefined` takes a variable out of it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Bytes of its output that are kept. */
  readonly keep?: number;
  /** Hears its output as it comes, both streams. */
  readonly hear?: (chunk: Buffer) => void;
}

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * On Linux the kernel itself ends a child whose parent has died, whatever it died of: a runner that is killed runs no
 * handler. `setpriv` becomes the program, so the id is the program's own.
 */
const setpriv = "/usr/bin/setpriv";
const leash: readonly string[] = existsSync(setpriv) ? [setpriv, "--pdeathsig", "KILL"] : [];

export class Child {
  readonly ended: Promise<Ending>;
  readonly #process: ChildProcess;
  readonly #keep: number;
  #output = "";
  #ending: Ending | undefined;
  readonly #watchers = new Set<() => void>();

  constructor({ program, args, folder, env, keep = 65_536, hear: told }: ChildOptions) {
    this.#keep = keep;
    const [first, ...rest] = [...leash, program, ...args];
    this.#process = spawn(first ?? program, rest, {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const hear = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString("utf8")).slice(-this.#keep);
      told?.(chunk);
      for (const look of [...this.#watchers]) look();
    };
    this.#process.stdout?.on("data", hear);
    this.#process.stderr?.on("data", hear);
    this.ended = new Promise((resolve) => {
      const end = (ending: Ending): void => {
        this.#ending = ending;
        resolve(ending);
        for (const look of [...this.#watchers]) look();
      };
      this.#process.once("close", (code, signal) => end({ code, signal }));
      this.#process.once("error", (error) => {
        this.#output += `\n${error}`;
        end({ code: null, signal: null });
      });
    });
    living.add(this);
    void this.ended.then(() => living.delete(this));
  }

  get pid(): number {
    const { pid } = this.#process;
    if (pid === undefined) throw new Error(`it did not start: ${this.output}`);
    return pid;
  }

  get running(): boolean {
    return this.#ending === undefined;
  }

  /** What it has written lately, both streams as they came. */
  get output(): string {
    return this.#output;
  }

  /** Resolves when the output of this process has matched; rejects with the output when it ended before. */
  said(words: RegExp): Promise<RegExpMatchArray> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const match = this.#output.match(words);
        if (match === null && this.#ending === undefined) return;
        this.#watchers.delete(look);
        if (match !== null) resolve(match);
        else reject(new Error(`it ended (${JSON.stringify(this.#ending)}) before it said ${words}:\n${this.#output}`));
      };
      this.#watchers.add(look);
      look();
    });
  }

  signal(name: NodeJS.Signals): void {
    if (this.running) this.#process.kill(name);
  }

  /** Signals and waits for the end. A paused process is woken first, or it could not hear of anything but SIGKILL. */
  async end(name: NodeJS.Signals = "SIGKILL"): Promise<Ending> {
    this.signal(name);
    if (name !== "SIGKILL") this.signal("SIGCONT");
    return this.ended;
  }
}

const living = new Set<Child>();

// Whoever started servers and dies takes them along; by the ids of our own children only.
process.once("exit", () => {
  for (const child of living) child.signal("SIGKILL");
});
