// A server process under measurement: started, asked for its usage, and ended.
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { passed } from "./passed.ts";
import type { Usage } from "./servers/served.ts";
import type { Target, Used } from "./target.ts";

type Kind = "relay" | "memory";

export class MeasuredServer implements Target {
  readonly kind: Kind;
  readonly ports: readonly number[];
  readonly #process: ChildProcess;

  private constructor(kind: Kind, port: number, child: ChildProcess) {
    this.kind = kind;
    this.ports = [port];
    this.#process = child;
  }

  static async start(kind: Kind): Promise<MeasuredServer> {
    // BENCH_PROFILE names a folder for CPU profiles of the servers: where does the time go?
    const profile = process.env["BENCH_PROFILE"];
    const execArgv = ["--expose-gc", ...(profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`])];
    const child = fork(fileURLToPath(new URL(`./servers/${kind}.js`, import.meta.url)), { execArgv });
    const { port } = await told<{ port: number }>(child);
    return new MeasuredServer(kind, port, child);
  }

  async used(): Promise<Used> {
    const { cpu, rss } = await this.#ask("usage");
    return { edges: cpu, nats: 0, redis: 0, rss };
  }

  /** Threads of their own give pages back some time after the collection. */
  async settled(): Promise<Used> {
    for (let round = 0; round < 3; round += 1) {
      await this.#ask("settle");
      await passed(1_000);
    }
    return this.used();
  }

  async end(): Promise<void> {
    const over = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.send("end");
    await over;
  }

  #ask(question: string): Promise<Usage> {
    const answer = told<Usage>(this.#process);
    this.#process.send(question);
    return answer;
  }
}

function told<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const gone = (code: number | null): void => reject(new Error(`the measured server ended with code ${code}`));
    child.once("exit", gone);
    child.once("message", (message) => {
      child.off("exit", gone);
      resolve(message as T);
    });
  });
}
