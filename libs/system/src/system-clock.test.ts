import { describe, expect, test, vi } from "vitest";
import { SystemClock } from "./system-clock.ts";

describe("the end of a turn", () => {
  test("comes after everything of the turn, once for each call, in order", async () => {
    const clock = new SystemClock(() => undefined);
    const steps: string[] = [];
    clock.endOfTurn(() => steps.push("first"));
    clock.endOfTurn(() => steps.push("second"));
    await Promise.resolve().then(() => steps.push("a promise"));
    await new Promise((resolve) => setImmediate(resolve));
    expect(steps).toStrictEqual(["a promise", "first", "second"]);
  });

  test("what is asked for within it comes at the end of the next", async () => {
    const clock = new SystemClock(() => undefined);
    const steps: string[] = [];
    clock.endOfTurn(() => {
      steps.push("first");
      clock.endOfTurn(() => steps.push("next turn"));
      steps.push("still first");
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(steps).toStrictEqual(["first", "still first"]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(steps.at(-1)).toBe("next turn");
  });

  test("a call that throws stops no other, then or later", async () => {
    const faults: unknown[] = [];
    const clock = new SystemClock((error) => faults.push(error));
    const fault = new Error("a bug");
    const reached = await new Promise<boolean>((resolve) => {
      clock.endOfTurn(() => {
        throw fault;
      });
      clock.endOfTurn(() => resolve(true));
    });
    expect([reached, faults]).toStrictEqual([true, [fault]]);
    await new Promise<void>((resolve) => clock.endOfTurn(resolve));
  });
});

describe("a timer", () => {
  test("keeps no process alive", () => {
    const alive = () => process.getActiveResourcesInfo().filter((each) => each === "Timeout").length;
    const before = alive();
    const timer = new SystemClock(() => undefined).after(60_000, () => undefined);
    expect(alive()).toBe(before);
    timer.cancel();
  });

  test("that throws is reported, and reaches nobody", () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const faults: unknown[] = [];
      const clock = new SystemClock((error) => faults.push(error));
      const fault = new Error("a bug");
      const called: number[] = [];
      clock.after(1, () => {
        throw fault;
      });
      clock.after(2, () => called.push(2));
      clock.after(3, () => called.push(3)).cancel();
      vi.advanceTimersByTime(10);
      expect([faults, called]).toStrictEqual([[fault], [2]]);
    } finally {
      vi.useRealTimers();
    }
  });

  test("that is months away is not called at once, and can be cancelled in the middle", () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const clock = new SystemClock(() => undefined);
      const day = 86_400_000;
      let called = 0;
      clock.after(60 * day, () => {
        called += 1;
      });
      const other = clock.after(60 * day, () => {
        called += 100;
      });
      vi.advanceTimersByTime(59 * day);
      expect(called).toBe(0);
      other.cancel();
      vi.advanceTimersByTime(day);
      expect(called).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });
});
