// The chain of predecessors, one step after the other: what it reads, what it waits for, and why it breaks off.
import { describe, expect, test } from "vitest";
import type { ChainScene, Fate } from "../test-kit/chain-stage.ts";
import { chainStage, fail, keep, positionOf } from "../test-kit/chain-stage.ts";
import { chainLimits } from "./chain.ts";

describe("one by one", () => {
  const plain: ChainScene = {
    bundles: [1, 2, 1, 3, 1].map((gap): [number, Fate] => [gap, { dropped: false, doubled: false, late: 0 }]),
    seed: 1,
    failing: 0,
    heldBytes: chainLimits.heldBytes,
  };

  test("a healthy link costs no read and no timer", () => {
    const { clock, stored, shelf, hearer, chain } = chainStage(plain);
    chain.start(undefined);
    for (const copy of stored) chain.take(copy);
    chain.mention(stored.at(-1)?.seq ?? 0);
    expect(hearer.heard).toEqual(stored);
    expect(shelf.reads).toBe(0);
    expect(clock.timers).toBe(0);
  });

  test("a room that is loaded reads what was stored before the follow at once", async () => {
    const { clock, stored, shelf, hearer, chain } = chainStage(plain);
    chain.start(positionOf(stored[0]));
    chain.mention(stored.at(-1)?.seq ?? 0);
    expect(shelf.reads).toBe(1);
    await clock.advance(chainLimits.patience - 1);
    expect(hearer.heard).toEqual(stored.slice(1));
  });

  test("a mentioned bundle is waited for before it is read", async () => {
    const { clock, stored, shelf, hearer, chain } = chainStage(plain);
    chain.start(undefined);
    for (const copy of stored.slice(0, 4)) chain.take(copy);
    chain.mention(stored.at(-1)?.seq ?? 0);
    await clock.advance(chainLimits.patience - 1);
    expect(shelf.reads).toBe(0);
    await clock.advance(50);
    expect(shelf.reads).toBe(1);
    expect(hearer.heard).toEqual(stored);
  });

  test("a lost last bundle is found once the question for it is answered, which another loss of the link takes back", async () => {
    const { clock, stored, hearer, chain } = chainStage(plain);
    chain.start(undefined);
    for (const copy of stored.slice(0, 4)) chain.take(copy);
    let asked = 0;
    const catchUp = (answering: number): void => {
      void chain.catchUp(async () => {
        asked += 1;
        if (asked < answering) throw new Error("out of reach");
        return stored.at(-1);
      });
    };
    catchUp(Number.POSITIVE_INFINITY);
    await clock.advance(10 * chainLimits.tailPause);
    expect(asked).toBeGreaterThan(5);
    chain.parted();
    await clock.advance(chainLimits.tailPause);
    expect(clock.timers).toBe(0);
    catchUp(asked + 2);
    await clock.advance(1000);
    expect(hearer.heard).toEqual(stored);
    expect(clock.timers).toBe(0);
  });

  test("copies beyond the cap on what is held are read again", async () => {
    const { clock, stored, shelf, hearer, chain } = chainStage({ ...plain, heldBytes: 250 });
    chain.start(undefined);
    for (const copy of stored.slice(1)) chain.take(copy);
    expect(hearer.heard).toEqual([]);
    await clock.advance(1000);
    expect(hearer.heard).toEqual(stored);
    expect(shelf.reads).toBeGreaterThan(1);
  });

  test("copies that come while a hole is read wait in their order, and once however often they come", async () => {
    const { clock, stored, shelf, hearer, chain } = chainStage({ ...plain, heldBytes: 1000 });
    chain.start(undefined);
    for (const i of [1, 4, 2, 3]) for (let times = 0; times < 20; times += 1) chain.take(stored[i] ?? fail());
    await clock.advance(1000);
    expect(hearer.heard).toEqual(stored);
    expect(shelf.reads).toBe(1);
  });

  test("a read that fails is tried again, ever more slowly, until it is answered", async () => {
    const { clock, stored, shelf, hearer, chain } = chainStage({ ...plain, failing: 1 });
    chain.start(undefined);
    for (const copy of stored.slice(1)) chain.take(copy);
    await clock.advance(10_000);
    expect(shelf.reads).toBeGreaterThan(8);
    expect(shelf.reads).toBeLessThan(20);
    expect(hearer.heard).toEqual([]);
    expect(hearer.broken).toBeUndefined();
    expect(clock.timers).toBe(1);
    chain.end();
    expect(clock.timers).toBe(0);
  });

  test("a predecessor of 0 after something was told is a loss when the reader says so", async () => {
    const { clock, stored, shelf, hearer, chain } = chainStage(plain);
    chain.start(undefined);
    const [first, second, third] = stored;
    if (first === undefined || second === undefined || third === undefined) fail();
    chain.take(first);
    shelf.kept = stored.slice(2);
    chain.take({ ...third, previous: 0 });
    await clock.advance(1000);
    expect(hearer.heard).toEqual([first]);
    expect(hearer.broken).toBe("lost");
  });

  test("a later time at a known sequence is a reborn stream", () => {
    const { stored, hearer, chain } = chainStage(plain);
    chain.start(undefined);
    for (const copy of stored) chain.take(copy);
    const last = stored.at(-1);
    chain.mention(1, (last?.time ?? 0) + 1);
    expect(hearer.broken).toBe("reborn");
  });

  test("a predecessor between two neighbours is a reborn stream", () => {
    const { stored, hearer, chain } = chainStage(plain);
    chain.start(positionOf(stored[1]));
    chain.take({ seq: 1000, previous: 1, time: 9999, entries: [keep] });
    expect(hearer.broken).toBe("reborn");
  });

  test("a copy of an earlier life is looked for and not missed", async () => {
    const { clock, stored, shelf, hearer, chain } = chainStage(plain);
    chain.start(positionOf(stored[1]));
    chain.take({ seq: 1000, previous: 998, time: 5, entries: [keep] });
    await clock.advance(1000);
    expect(shelf.reads).toBe(1);
    expect(hearer.broken).toBeUndefined();
    for (const copy of stored) chain.take(copy);
    expect(hearer.heard).toEqual(stored.slice(2));
    expect(clock.timers).toBe(0);
  });

  test("nothing is told after the end, not even by a read that was under way", async () => {
    const { clock, stored, shelf, hearer, chain } = chainStage(plain);
    chain.start(undefined);
    for (const copy of stored.slice(1)) chain.take(copy);
    chain.end();
    for (const copy of stored) chain.take(copy);
    chain.mention(1_000_000);
    await clock.advance(1000);
    expect(shelf.reads).toBe(1);
    expect(hearer.heard).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  test("a link that was down for longer than the log's life breaks a follow that has told nothing", () => {
    const { hearer, chain } = chainStage(plain);
    chain.start(undefined);
    chain.outlived();
    expect(hearer.broken).toBe("lost");
  });

  test("a place from elsewhere, or from before a lost link, is read before the next copy is trusted", async () => {
    const { clock, stored, shelf, hearer, chain } = chainStage(plain);
    const [, first = fail(), second = fail(), third = fail(), ...rest] = stored;
    chain.start(positionOf(first));
    chain.take(second);
    expect(hearer.heard).toEqual([]);
    await clock.advance(1000);
    chain.take(third);
    expect(hearer.heard).toEqual([second, third]);
    expect(shelf.reads).toBe(1);
    chain.rejoined();
    for (const copy of rest) chain.take(copy);
    expect(hearer.heard).toEqual([second, third]);
    await clock.advance(1000);
    expect(hearer.heard).toEqual([second, third, ...rest]);
    expect(shelf.reads).toBe(2);
  });

  test("another life that goes on at the very sequence of such a place is found out", async () => {
    const { clock, stored, shelf, hearer, chain } = chainStage(plain);
    const [, after = fail()] = stored;
    chain.start(positionOf(after));
    const later = after.time + 1_000;
    const next = { seq: after.seq + 1, previous: after.seq, time: later, entries: [keep] };
    shelf.kept = [{ seq: after.seq, previous: 0, time: later, entries: [keep] }, next];
    chain.take(next);
    await clock.advance(1000);
    expect(hearer.heard).toEqual([]);
    expect(hearer.broken).toBe("reborn");
  });
});
