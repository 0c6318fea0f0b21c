// Several edges on one port: begun together, begun again when one dies, ended together.
import type { Clock, Timer } from "@heliograph/core";
import type { Running } from "@heliograph/system";
import { type ExitCode, exitCodes } from "@heliograph/system";
import type { Fields, Log } from "@heliograph/telemetry";
import type { Order, Worker, WorkerEnd } from "./worker.ts";

/** Milliseconds before one that died is begun again: twice as long each time, until it has lived for a while. */
const firstPause = 100;
const longestPause = 10_000;
const aWhile = 10_000;
/** Milliseconds that one told to stop at once has for it. */
const patience = 5_000;

export interface WorkersOptions {
  readonly count: number;
  /** `index`: which of them, from 1 on; one that takes another's place has its index. */
  readonly spawn: (index: number) => Worker;
  readonly clock: Clock;
  readonly log: Pick<Log, "write">;
}

interface Place {
  worker: Worker;
  ready: boolean;
  /** When the present worker became ready. */
  since: number;
  pause: number;
}

export class Workers implements Running {
  readonly failed: Promise<ExitCode>;
  readonly #options: WorkersOptions;
  readonly #fail: (code: ExitCode) => void;
  readonly #places = new Map<number, Place>();
  readonly #again = new Map<number, Timer>();
  /** Exit codes other than 0 of those that were told to end. */
  readonly #badEnds: WorkerEnd[] = [];
  #ending = false;
  #stopped = false;
  #empty: (() => void) | undefined;

  constructor(options: WorkersOptions) {
    this.#options = options;
    let fail: ((code: ExitCode) => void) | undefined;
    this.failed = new Promise((resolve) => {
      fail = resolve;
    });
    this.#fail = (code) => fail?.(code);
    for (let index = 1; index <= options.count; index += 1) this.#begin(index, firstPause);
  }

  held(): Fields {
    return { workers: this.#places.size };
  }

  /** Each worker follows the configuration by itself. */
  async reload(): Promise<void> {
    // Nothing of it concerns the process that only starts the others.
  }

  hangUp(): void {
    this.#tellAll("reload");
  }

  async drain(): Promise<void> {
    this.#end();
    this.#tellAll("drain");
    await this.#emptied();
    const [bad] = this.#badEnds;
    if (bad !== undefined && !this.#stopped) throw new Error(`a worker ended with ${bad.code ?? bad.signal}`);
  }

  async stop(): Promise<void> {
    this.#end();
    this.#stopped = true;
    this.#tellAll("stop");
    const late = this.#options.clock.after(patience, () => {
      for (const { worker } of this.#places.values()) worker.kill();
    });
    await this.#emptied();
    late.cancel();
  }

  #begin(index: number, pause: number): void {
    const { spawn, clock } = this.#options;
    const worker = spawn(index);
    const place: Place = { worker, ready: false, since: 0, pause };
    this.#places.set(index, place);
    worker.onReady(() => {
      place.ready = true;
      place.since = clock.now();
    });
    void worker.ended.then((end) => this.#ended(index, place, end));
  }

  #ended(index: number, place: Place, end: WorkerEnd): void {
    const { clock, log } = this.#options;
    this.#places.delete(index);
    if (this.#ending) {
      if (end.code !== 0) this.#badEnds.push(end);
      if (this.#places.size === 0) this.#empty?.();
      return;
    }
    // It has said why. What keeps the first from starting keeps all, and whoever started us must learn of it.
    if (end.code !== null && !place.ready && !this.#serves()) {
      this.#giveUp(end.code === exitCodes.misconfigured ? exitCodes.misconfigured : exitCodes.fault);
      return;
    }
    const lived = place.ready && clock.now() - place.since >= aWhile;
    const pause = lived ? firstPause : place.pause;
    log.write("warn", `A worker ended; another one takes its place in ${pause} ms`, {
      worker: index,
      pid: place.worker.pid,
      code: end.code ?? undefined,
      signal: end.signal ?? undefined,
    });
    const again = clock.after(pause, () => {
      this.#again.delete(index);
      this.#begin(index, Math.min(2 * pause, longestPause));
    });
    this.#again.set(index, again);
  }

  #serves(): boolean {
    return [...this.#places.values()].some(({ ready }) => ready);
  }

  #giveUp(code: ExitCode): void {
    void this.stop().then(() => this.#fail(code));
  }

  #end(): void {
    this.#ending = true;
    for (const timer of this.#again.values()) timer.cancel();
    this.#again.clear();
  }

  #emptied(): Promise<void> {
    if (this.#places.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const before = this.#empty;
      this.#empty = () => {
        before?.();
        resolve();
      };
    });
  }

  #tellAll(order: Order): void {
    for (const { worker } of this.#places.values()) worker.tell(order);
  }
}
