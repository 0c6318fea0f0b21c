// What every Counters promises.
import { describe, expect } from "vitest";
import type { Counters } from "../src/ports/counters.ts";
import type { MemoryStage } from "./memory-stage.ts";
import { expectUnreachable } from "./memory-stage.ts";
import { casesOn, need, settled } from "./stage.ts";

export interface CountersUnderTest extends MemoryStage {
  /** Of two nodes. */
  readonly counters: readonly [Counters, Counters];
}

export function countersContract(name: string, make: () => Promise<CountersUnderTest>): void {
  const on = casesOn(make);

  describe(`Counters: ${name}`, () => {
    on("every node counts on, each key by itself", async (stage) => {
      const [one, two] = stage.counters;
      expect((await settled(stage, one.peek("a"))).count).toBe(0);
      expect((await settled(stage, one.add("a", 60_000))).count).toBe(1);
      expect((await settled(stage, two.add("a", 60_000))).count).toBe(2);
      expect((await settled(stage, two.add("b", 60_000))).count).toBe(1);
      expect((await settled(stage, one.peek("a"))).count).toBe(2);
    });

    on("counting at once loses nothing", async (stage) => {
      const adds = Array.from({ length: 50 }, (_, i) => stage.counters[i % 2 === 0 ? 0 : 1].add("a", 60_000));
      const counts = (await settled(stage, Promise.all(adds))).map(({ count }) => count);
      expect(counts.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    });

    on("a cleared count begins anew", async (stage) => {
      const [one, two] = stage.counters;
      await settled(stage, one.add("a", 60_000));
      await settled(stage, two.clear("a"));
      expect((await settled(stage, one.peek("a"))).count).toBe(0);
      expect((await settled(stage, one.add("a", 60_000))).count).toBe(1);
    });

    on("the window begins with the first count and nothing prolongs it", async (stage, context) => {
      const { pass } = need(stage.passage, context);
      const [counters] = stage.counters;
      const first = await settled(stage, counters.add("a", 1000));
      expect(first.resetIn).toBeGreaterThan(900);
      expect(first.resetIn).toBeLessThanOrEqual(1000);
      await pass(700);
      const second = await settled(stage, counters.add("a", 1000));
      expect(second.count).toBe(2);
      expect(second.resetIn).toBeLessThanOrEqual(300);
      await pass(301);
      expect((await settled(stage, counters.peek("a"))).count).toBe(0);
      expect((await settled(stage, counters.add("a", 1000))).count).toBe(1);
    });

    on("out of reach is not zero", async (stage, context) => {
      const outage = need(stage.outage, context);
      const [counters] = stage.counters;
      await settled(stage, counters.add("a", 60_000));
      await outage.begin();
      await expectUnreachable(stage, [counters.add("a", 1), counters.peek("a"), counters.clear("a")]);
      await outage.end();
      expect((await settled(stage, counters.peek("a"))).count).toBe(1);
    });
  });
}
