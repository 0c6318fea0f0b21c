// One of several processes on one port, seen from the process that starts them.
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { workerVariable } from "@heliograph/config";
import { type Place, writePlace } from "./place.ts";

/** What a worker may be told: over a channel of its own, since signals may reach it from elsewhere as well. */
export type Order = "drain" | "stop" | "reload";

/** How a worker ended: one of the two is there. */
export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface Worker {
  readonly pid: number | undefined;
  readonly ended: Promise<WorkerEnd>;
  /** Calls once, when it serves. */
  onReady(call: () => void): void;
  tell(order: Order): void;
  kill(): void;
}

/** The same command once more, which shares the port instead of starting workers of its own. */
export function spawnWorker(place: Place): Worker {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    env: { ...process.env, [workerVariable]: writePlace(place) },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    // A group of its own: what is typed at a terminal reaches its parent alone, which passes it on once.
    detached: true,
  });
  return new ChildWorker(child);
}

class ChildWorker implements Worker {
  readonly ended: Promise<WorkerEnd>;
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.ended = new Promise((resolve) => {
      child.once("exit", (code, signal) => resolve({ code, signal }));
      // It could not even be begun, as when the system has no processes left.
      child.once("error", () => resolve({ code: null, signal: "none" }));
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  onReady(call: () => void): void {
    this.#child.once("message", call);
  }

  tell(order: Order): void {
    // Whoever has just died hears nothing; its end is told by `ended`.
    if (this.#child.connected) this.#child.send(order, () => undefined);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}
