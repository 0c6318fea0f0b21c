import { VirtualClock } from "@heliograph/core/memory";
import { describe, expect, test } from "vitest";
import type { Order, Worker, WorkerEnd } from "./worker.ts";
import { Workers } from "./workers.ts";

class PaperWorker implements Worker {
  readonly ended: Promise<WorkerEnd>;
  readonly orders: string[] = [];
  readonly pid: number;
  #end: (end: WorkerEnd) => void = () => undefined;
  #ready: () => void = () => undefined;
  #over = false;

  constructor(pid: number) {
    this.pid = pid;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get over(): boolean {
    return this.#over;
  }

  onReady(call: () => void): void {
    this.#ready = call;
  }

  tell(order: Order): void {
    this.orders.push(order);
  }

  kill(): void {
    this.end({ code: null, signal: "SIGKILL" });
  }

  serve(): void {
    this.#ready();
  }

  end(end: WorkerEnd): void {
    this.#over = true;
    this.#end(end);
  }
}

function begun(count: number) {
  const clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  const spawned: PaperWorker[] = [];
  const said: string[] = [];
  const workers = new Workers({
    count,
    clock,
    log: { write: (_level, says) => said.push(says) },
    spawn: () => {
      const worker = new PaperWorker(spawned.length);
      spawned.push(worker);
      return worker;
    },
  });
  const living = () => spawned.filter(({ over }) => !over);
  return { workers, clock, spawned, said, living };
}

const killed: WorkerEnd = { code: null, signal: "SIGKILL" };
const drained: WorkerEnd = { code: 0, signal: null };

describe("workers", () => {
  test("begin together, and one that dies is begun again", async () => {
    const { clock, spawned, said, living } = begun(2);
    expect(spawned).toHaveLength(2);
    for (const worker of spawned) worker.serve();
    spawned[0]?.end(killed);
    await clock.advance(99);
    expect(spawned).toHaveLength(2);
    await clock.advance(1);
    expect(spawned).toHaveLength(3);
    expect(living()).toHaveLength(2);
    expect(said).toEqual(["A worker ended; another one takes its place in 100 ms"]);
  });

  test("that die again and again are begun more and more seldom, and as at first once one has lived for a while", async () => {
    const { clock, spawned, said, living } = begun(1);
    for (let i = 0; i < 9; i += 1) {
      living()[0]?.serve();
      living()[0]?.end(killed);
      await clock.advance(10_000);
    }
    living()[0]?.serve();
    await clock.advance(10_000);
    living()[0]?.end(killed);
    await clock.advance(100);
    expect(living()).toHaveLength(1);
    const pauses = said.map((line) => Number(/in (\d+) ms/.exec(line)?.[1]));
    expect(pauses).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000, 100]);
    expect(spawned).toHaveLength(11);
  });

  test("that cannot start are not begun again: whoever started us learns the code", async () => {
    const { workers, clock, spawned } = begun(2);
    spawned[1]?.end({ code: 2, signal: null });
    await clock.advance(0);
    expect(spawned[0]?.orders).toEqual(["stop"]);
    spawned[0]?.end({ code: 130, signal: null });
    expect(await workers.failed).toBe(2);
    await clock.advance(60_000);
    expect(spawned).toHaveLength(2);
  });

  test("that cannot start while others serve are tried again", async () => {
    const { clock, spawned, living } = begun(2);
    for (const worker of spawned) worker.serve();
    spawned[1]?.end(killed);
    await clock.advance(100);
    spawned[2]?.end({ code: 2, signal: null });
    await clock.advance(200);
    expect(living()).toHaveLength(2);
  });

  test("drain together, those that are to be begun again not at all", async () => {
    const { workers, clock, spawned } = begun(3);
    for (const worker of spawned) worker.serve();
    spawned[0]?.end(killed);
    await clock.advance(50);
    let over = false;
    const drain = workers.drain().then(() => {
      over = true;
    });
    expect(spawned.map(({ orders }) => orders)).toEqual([[], ["drain"], ["drain"]]);
    spawned[1]?.end(drained);
    await clock.advance(60_000);
    expect(over).toBe(false);
    spawned[2]?.end(drained);
    await drain;
    expect(spawned).toHaveLength(3);
    expect(clock.timers).toBe(0);
  });

  test("whose drain fails are told of", async () => {
    const { workers, spawned } = begun(1);
    spawned[0]?.serve();
    const drain = workers.drain();
    spawned[0]?.end({ code: 1, signal: null });
    await expect(drain).rejects.toThrow("a worker ended with 1");
  });

  test("stop at once, and are killed where they do not", async () => {
    const { workers, clock, spawned, living } = begun(2);
    const drain = workers.drain();
    const stop = workers.stop();
    expect(spawned[0]?.orders).toEqual(["drain", "stop"]);
    spawned[0]?.end({ code: 130, signal: null });
    await clock.advance(4_999);
    expect(living()).toHaveLength(1);
    await clock.advance(1);
    await stop;
    await drain;
    expect(clock.timers).toBe(0);
  });

  test("are told to read their configuration again", () => {
    const { workers, spawned } = begun(2);
    workers.hangUp();
    expect(spawned.map(({ orders }) => orders)).toEqual([["reload"], ["reload"]]);
  });
});
