// What every IceSets promises.
import { describe, expect } from "vitest";
import type { IceSets, StoredIceSet } from "../src/ports/ice-sets.ts";
import { iceSetTimes } from "../src/ports/ice-sets.ts";
import type { MemoryStage } from "./memory-stage.ts";
import { expectUnreachable } from "./memory-stage.ts";
import type { Ability } from "./stage.ts";
import { casesOn, need, settled } from "./stage.ts";

export interface IceSetsUnderTest extends MemoryStage {
  /** Of two processes that fetch. */
  readonly iceSets: readonly [IceSets, IceSets];
  /** Of a process that may only read. */
  readonly reader: IceSets;
  readonly emptying: Ability<{ flush(): Promise<void> }>;
}

const life = 540_000;
/** A name with characters that a technology's own names may not contain. */
const own = "own {a}:b";
const other = "own {a}";

function bytesOf(n: number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, i) => (i + n) % 256);
}

export function iceSetsContract(name: string, make: () => Promise<IceSetsUnderTest>): void {
  const on = casesOn(make);

  describe(`IceSets: ${name}`, () => {
    /** Claims and commits; the generation. */
    async function stored(stage: IceSetsUnderTest, n: number, by = stage.iceSets[0], ms = life): Promise<number> {
      expect(await settled(stage, by.claim(own, `token ${n}`))).toMatchObject({ is: "yours" });
      const generation = await settled(stage, by.commit(own, `token ${n}`, bytesOf(n), ms));
      if (generation === undefined) throw new Error("the claim was the caller's own");
      return generation;
    }

    async function seen(stage: IceSetsUnderTest): Promise<StoredIceSet | undefined> {
      return (await settled(stage, stage.reader.read(own))).set;
    }

    on("what one commits everybody reads, untouched, with its whole life before it", async (stage) => {
      expect(await settled(stage, stage.reader.read(own))).toEqual({ fails: 0 });
      const bytes = bytesOf(1);
      const [one, two] = stage.iceSets;
      await settled(stage, one.claim(own, "token"));
      const committing = one.commit(own, "token", bytes, life);
      // The caller's bytes may be a view into something that is used again.
      bytes.fill(0);
      const generation = await settled(stage, committing);
      for (const sets of [one, two, stage.reader]) {
        const { set, fails } = await settled(stage, sets.read(own));
        expect(set).toMatchObject({ generation, life });
        expect([...(set?.bytes ?? [])]).toEqual([...bytesOf(1)]);
        expect(set?.left).toBeLessThanOrEqual(life);
        expect(set?.left).toBeGreaterThan(life - 20_000);
        expect(fails).toBe(0);
      }
    });

    on("of many who claim at once one fetches, and who claims again meanwhile does not either", async (stage) => {
      const [one, two] = stage.iceSets;
      const claims = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? one : two).claim(own, `token ${i}`));
      const got = (await settled(stage, Promise.all(claims))).map(({ is }) => is);
      expect(got.filter((is) => is === "yours").length).toBe(1);
      expect(got.filter((is) => is === "busy").length).toBe(19);
      expect(await settled(stage, one.claim(own, "token 0"))).toEqual({ is: "busy" });
    });

    on("providers have nothing to do with each other", async (stage) => {
      const [one] = stage.iceSets;
      await stored(stage, 1);
      expect(await settled(stage, stage.reader.read(other))).toEqual({ fails: 0 });
      expect(await settled(stage, one.claim(other, "a"))).toEqual({ is: "yours", fails: 0 });
      expect(await settled(stage, one.fail(other, "a", 60_000))).toBe(true);
      expect((await settled(stage, stage.reader.read(own))).fails).toBe(0);
      expect(await seen(stage)).toBeDefined();
    });

    on(
      "nobody fetches before half of the life is gone; then the old set serves until the next one",
      async (stage, context) => {
        const { pass } = need(stage.passage, context);
        const [one, two] = stage.iceSets;
        const first = await stored(stage, 1);
        expect(await settled(stage, two.claim(own, "b"))).toEqual({ is: "fresh" });
        await pass(life / 2 - 20_000);
        expect(await settled(stage, two.claim(own, "b"))).toEqual({ is: "fresh" });
        await pass(20_001);
        expect(await settled(stage, two.claim(own, "b"))).toEqual({ is: "yours", fails: 0 });
        expect(await seen(stage)).toMatchObject({ generation: first });
        const second = await settled(stage, two.commit(own, "b", bytesOf(2), life));
        expect(second).toBeGreaterThan(first);
        expect(await seen(stage)).toMatchObject({ generation: second });
        expect(await settled(stage, one.claim(own, "c"))).toEqual({ is: "fresh" });
      },
    );

    on(
      "[turn 17] who claimed and never came back is followed by another when the claim has run out",
      async (stage, context) => {
        const { pass } = need(stage.passage, context);
        const [one, two] = stage.iceSets;
        await settled(stage, one.claim(own, "dead"));
        await pass(iceSetTimes.claim - 2_000);
        expect(await settled(stage, two.claim(own, "b"))).toEqual({ is: "busy" });
        await pass(2_001);
        expect(await settled(stage, two.claim(own, "b"))).toEqual({ is: "yours", fails: 0 });
      },
    );

    on("[turn 18] who lost the claim changes nothing any more, and the newer set stands", async (stage, context) => {
      const { pass } = need(stage.passage, context);
      const [one, two] = stage.iceSets;
      await settled(stage, one.claim(own, "late"));
      await pass(iceSetTimes.claim + 1);
      // Nobody else has it yet, and still it is lost.
      expect(await settled(stage, one.commit(own, "late", bytesOf(9), life))).toBeUndefined();
      expect(await settled(stage, one.fail(own, "late", 60_000))).toBe(false);
      expect(await settled(stage, two.claim(own, "b"))).toMatchObject({ is: "yours", fails: 0 });
      expect(await settled(stage, one.commit(own, "late", bytesOf(9), life))).toBeUndefined();
      expect(await settled(stage, one.fail(own, "late", 60_000))).toBe(false);
      const generation = await settled(stage, two.commit(own, "b", bytesOf(2), life));
      expect(await settled(stage, one.commit(own, "late", bytesOf(9), life))).toBeUndefined();
      const { set, fails } = await settled(stage, stage.reader.read(own));
      expect(set).toMatchObject({ generation });
      expect([...(set?.bytes ?? [])]).toEqual([...bytesOf(2)]);
      expect(fails).toBe(0);
    });

    on("nobody tries before a pause is over, failures count up, and a set ends both", async (stage, context) => {
      const { pass } = need(stage.passage, context);
      const [one, two] = stage.iceSets;
      for (let fails = 0; fails < 3; fails += 1) {
        expect(await settled(stage, two.claim(own, `${fails}`))).toEqual({ is: "yours", fails });
        expect(await settled(stage, two.fail(own, `${fails}`, 60_000))).toBe(true);
        expect(await settled(stage, stage.reader.read(own))).toEqual({ fails: fails + 1 });
        const claim = await settled(stage, one.claim(own, "b"));
        expect(claim).toMatchObject({ is: "backoff" });
        if (claim.is === "backoff") {
          expect(claim.wait).toBeGreaterThan(40_000);
          expect(claim.wait).toBeLessThanOrEqual(60_000);
        }
        await pass(60_001);
      }
      await stored(stage, 1);
      expect(await settled(stage, stage.reader.read(own))).toMatchObject({ fails: 0 });
      await pass(life + 1);
      expect(await settled(stage, one.claim(own, "c"))).toEqual({ is: "yours", fails: 0 });
    });

    on("a set that is in its second half is served on while attempts fail", async (stage, context) => {
      const { pass } = need(stage.passage, context);
      const [one] = stage.iceSets;
      const generation = await stored(stage, 1);
      await pass(life / 2 + 1);
      await settled(stage, one.claim(own, "b"));
      await settled(stage, one.fail(own, "b", 300_000));
      const { set, fails } = await settled(stage, stage.reader.read(own));
      expect(set).toMatchObject({ generation, life });
      expect(set?.left).toBeLessThanOrEqual(life / 2);
      expect(fails).toBe(1);
      expect(await settled(stage, one.claim(own, "c"))).toMatchObject({ is: "backoff" });
    });

    on(
      "[turn 22] a set is gone when its life is over, and never read without some of it left",
      async (stage, context) => {
        const { pass } = need(stage.passage, context);
        await stored(stage, 1);
        await pass(life - 5_000);
        const left = (await seen(stage))?.left ?? 0;
        expect(left).toBeGreaterThan(0);
        expect(left).toBeLessThanOrEqual(5_000);
        await pass(5_001);
        expect(await seen(stage)).toBeUndefined();
        // Read again and again across its end.
        await stored(stage, 2, stage.iceSets[1], 60);
        for (let reads = 0; ; reads += 1) {
          const set = await seen(stage);
          if (set === undefined) break;
          expect(set.left).toBeGreaterThan(0);
          if (reads > 100_000) throw new Error("it never ended");
          await stage.round();
        }
      },
    );

    on("generations grow, also over a memory that was emptied", async (stage, context) => {
      const { flush } = need(stage.emptying, context);
      const first = await stored(stage, 1);
      await flush();
      expect(await seen(stage)).toBeUndefined();
      // The memory's own time tells it, in milliseconds.
      for (let i = 0; i < 100; i += 1) await stage.round();
      expect(await stored(stage, 2)).toBeGreaterThan(first);
    });

    on("out of reach is not absent", async (stage, context) => {
      const outage = need(stage.outage, context);
      const [one, two] = stage.iceSets;
      const generation = await stored(stage, 1);
      const told: string[] = [];
      two.onLink((state) => told.push(state));
      await outage.begin();
      expect(two.link).toBe("down");
      await expectUnreachable(stage, [
        one.read(own),
        one.claim(own, "b"),
        one.commit(own, "b", bytesOf(2), life),
        one.fail(own, "b", 1_000),
      ]);
      await outage.end();
      expect(told).toEqual(["down", "up"]);
      expect((await settled(stage, two.read(own))).set).toMatchObject({ generation });
    });
  });
}
