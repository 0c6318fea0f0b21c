// No more at once than allowed, in the order of asking, and a bounded queue.
import { Unreachable } from "@heliograph/core";
import { expect, test } from "vitest";
import { Budget } from "./budget.ts";

interface Work {
  readonly done: Promise<number>;
  finish(): void;
}

test("work waits its turn, in order, and a failure frees its place", async () => {
  const budget = new Budget(2, 10);
  const begun: number[] = [];
  const works: Work[] = [1, 2, 3, 4].map((n) => {
    let finish = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const done = budget.spend(async () => {
      begun.push(n);
      await gate;
      if (n === 2) throw new Error("it failed");
      return n;
    });
    return { done, finish };
  });
  const [one, two, three, four] = works;
  expect(begun).toEqual([1, 2]);
  expect(budget.size).toBe(4);
  two?.finish();
  await expect(two?.done).rejects.toThrow("it failed");
  expect(begun).toEqual([1, 2, 3]);
  one?.finish();
  expect(await one?.done).toBe(1);
  expect(begun).toEqual([1, 2, 3, 4]);
  three?.finish();
  four?.finish();
  expect(await Promise.all([three?.done, four?.done])).toEqual([3, 4]);
  expect(budget.size).toBe(0);
});

test("beyond its queue it says that it cannot be reached", async () => {
  const budget = new Budget(1, 1);
  let finish = (): void => undefined;
  const first = budget.spend(() => new Promise<void>((resolve) => (finish = resolve)));
  const second = budget.spend(async () => 2);
  await expect(budget.spend(async () => 3)).rejects.toBeInstanceOf(Unreachable);
  finish();
  await first;
  expect(await second).toBe(2);
  expect(await budget.spend(async () => 4)).toBe(4);
});
