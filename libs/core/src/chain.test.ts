// The chain of predecessors: delivered is what is stored, once and in order, or the follow is broken for a reason.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Fate } from "../test-kit/chain-stage.ts";
import { chainStage, life, positionOf } from "../test-kit/chain-stage.ts";
import type { Chain, LiveCopy } from "./chain.ts";
import { chainLimits } from "./chain.ts";
import type { VirtualClock } from "./memory/virtual-clock.ts";

const fate = fc.record({ dropped: fc.boolean(), doubled: fc.boolean(), late: fc.nat(120) });
const scene = fc.record({
  bundles: fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fate), { minLength: 1, maxLength: 25 }),
  seed: fc.nat(),
  startAt: fc.nat(100),
  startAfter: fc.nat(5),
  pace: fc.integer({ min: 0, max: 8 }),
  failing: fc.constantFrom<number[]>(0, 0.3, 0.7),
  heldBytes: fc.constantFrom<number[]>(400, 2_000, chainLimits.heldBytes),
});
function fates(clock: VirtualClock, copies: readonly LiveCopy[], each: readonly Fate[], pace: number, chain: Chain) {
  copies.forEach((copy, i) => {
    const { dropped, doubled, late } = each[i] ?? { dropped: false, doubled: false, late: 0 };
    if (!dropped) clock.after(i * pace + late, () => chain.take(copy));
    if (doubled) clock.after(i * pace + 2 * late, () => chain.take(copy));
  });
}

describe("whatever the copies suffer", () => {
  test("every bundle after the start is told once and in order", async () => {
    await fc.assert(
      fc.asyncProperty(scene, async (given) => {
        const { clock, stored, shelf, hearer, chain } = chainStage(given);
        const after = Math.min(given.startAfter, stored.length - 1);
        fates(
          clock,
          stored,
          given.bundles.map(([, each]) => each),
          given.pace,
          chain,
        );
        clock.after(given.startAt, () => chain.start(positionOf(stored[after - 1])));
        clock.after(200, () => chain.mention(stored.at(-1)?.seq ?? 0));
        await clock.advance(60_000);
        expect(hearer.heard).toEqual(stored.slice(after));
        expect(hearer.broken).toBeUndefined();
        expect(shelf.mostUnderWay).toBeLessThanOrEqual(1);
        expect(clock.timers).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  test("it is broken as lost only when what comes next, or what it stands on, is gone", async () => {
    let losses = 0;
    await fc.assert(
      fc.asyncProperty(scene, fc.nat(150), fc.nat(25), async (given, evictedAt, evicted) => {
        let gone: readonly LiveCopy[] = [];
        const { clock, stored, shelf, hearer, chain } = chainStage(given);
        fates(
          clock,
          stored,
          given.bundles.map(([, each]) => each),
          given.pace,
          chain,
        );
        clock.after(evictedAt, () => {
          gone = stored.slice(0, evicted);
          shelf.kept = stored.slice(evicted);
        });
        // Not from the first bundle: what aged out before anything was told leaves no trace for a reader to find.
        chain.start(positionOf(stored[0]));
        const last = stored.at(-1);
        clock.after(200, () => chain.mention(last?.seq ?? 0));
        await clock.advance(60_000);
        expect(hearer.heard).toEqual(stored.slice(1, hearer.heard.length + 1));
        if (hearer.broken === undefined) expect(hearer.heard).toEqual(stored.slice(1));
        else {
          losses += 1;
          const [told, next] = [stored[hearer.heard.length], stored[hearer.heard.length + 1]];
          expect(gone.some((bundle) => bundle === told || bundle === next)).toBe(true);
        }
        expect(clock.timers).toBe(0);
      }),
      { numRuns: 300 },
    );
    expect(losses).toBeGreaterThan(20);
  });

  test("a stream that began again is noticed by the first copy of its new life, and nothing of it is told", async () => {
    await fc.assert(
      fc.asyncProperty(
        scene,
        fc.nat(100),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        async (given, at, gaps) => {
          const { clock, stored, shelf, hearer, chain } = chainStage(given);
          fates(
            clock,
            stored,
            given.bundles.map(([, each]) => each),
            given.pace,
            chain,
          );
          // Odd sequences: a predecessor that by chance has the number of the last bundle told is for digests to find.
          const reborn = life(gaps, { seq: 1, time: 5000 });
          const first = stored[0];
          if (first !== undefined) chain.take(first);
          chain.start(undefined);
          clock.after(at, () => {
            shelf.kept = reborn;
            for (const copy of reborn) chain.take(copy);
          });
          await clock.advance(60_000);
          expect(hearer.heard).toEqual(stored.slice(0, hearer.heard.length));
          expect(hearer.broken).toBeDefined();
          expect(clock.timers).toBe(0);
        },
      ),
      { numRuns: 300 },
    );
  });
});
