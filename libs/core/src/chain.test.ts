// The chain of predecessors: delivered is what is stored, once and in order, or the follow is broken for a reason.

import type { NodeId, Position } from "@heliograph/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ChainLimits, LiveCopy } from "./chain.ts";
import { Chain, chainLimits } from "./chain.ts";
import { SeededRandom } from "./memory/seeded-random.ts";
import { VirtualClock } from "./memory/virtual-clock.ts";
import type { ReadAnswer, Stored } from "./ports/log.ts";
import { Unreachable } from "./ports/unreachable.ts";
import type { Entry } from "./room/entry.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const keep: Entry = { kind: "keep", by: "node" as NodeId };

/** A room's life in a stream: sequences with holes of other rooms between them, and times that never fall. */
function life(gaps: readonly number[], from: { seq: number; time: number }): LiveCopy[] {
  let { seq, time } = from;
  let previous = 0;
  return gaps.map((gap, i) => {
    seq += 2 * gap;
    time += gap - 1;
    const copy: LiveCopy = { seq, previous, time, entries: i % 3 === 0 ? [keep, keep] : [keep] };
    previous = seq;
    return copy;
  });
}

/** What a reader of the stream finds; its answers take their time and sometimes fail. */
class Shelf {
  kept: readonly LiveCopy[];
  reads = 0;
  underWay = 0;
  mostUnderWay = 0;
  readonly #clock: VirtualClock;
  readonly #random: SeededRandom;
  readonly #failing: number;

  constructor(kept: readonly LiveCopy[], clock: VirtualClock, random: SeededRandom, failing: number) {
    this.kept = kept;
    this.#clock = clock;
    this.#random = random;
    this.#failing = failing;
  }

  readonly read = async (after: Position | undefined, upTo: number): Promise<ReadAnswer> => {
    this.reads += 1;
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    await new Promise<void>((resolve) => this.#clock.after(Math.floor(this.#random.fraction() * 20), resolve));
    this.underWay -= 1;
    if (this.#random.fraction() < this.#failing) throw new Unreachable("not now");
    const there = this.kept.find(({ seq }) => seq === after?.seq);
    // As a log does: a bundle of which the position is not the last entry comes whole.
    const from = (after?.seq ?? 0) - (there !== undefined && (after?.index ?? 0) < there.entries.length - 1 ? 1 : 0);
    const bundles = this.kept.filter(({ seq }) => seq > from && seq <= upTo);
    if (after !== undefined && there === undefined) {
      const last = this.kept.at(-1);
      const restarted = last === undefined || (last.seq < after.seq && last.time > after.time);
      return { whole: false, why: restarted ? "log_restarted" : "too_old", bundles };
    }
    if (there !== undefined && there.time !== after?.time) return { whole: false, why: "log_restarted", bundles: [] };
    if (!this.kept.some(({ seq }) => seq === upTo)) return { whole: false, why: "unknown_position", bundles };
    return { whole: true, bundles };
  };
}

class Hearer {
  readonly heard: Stored[] = [];
  broken: "lost" | "reborn" | undefined;
  readonly #onBroken: () => void;

  constructor(onBroken: () => void = () => undefined) {
    this.#onBroken = onBroken;
  }

  readonly follower = {
    stored: (bundle: Stored): void => {
      if (this.broken !== undefined) throw new Error("told after it was broken");
      this.heard.push(bundle);
    },
    broken: (why: "lost" | "reborn"): void => {
      if (this.broken !== undefined) throw new Error("broken twice");
      this.broken = why;
      this.#onBroken();
    },
  };
}

function fail(): never {
  throw new Error("the scene is too short");
}

interface Fate {
  readonly dropped: boolean;
  readonly doubled: boolean;
  readonly late: number;
}

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
type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never;

function fates(clock: VirtualClock, copies: readonly LiveCopy[], each: readonly Fate[], pace: number, chain: Chain) {
  copies.forEach((copy, i) => {
    const { dropped, doubled, late } = each[i] ?? { dropped: false, doubled: false, late: 0 };
    if (!dropped) clock.after(i * pace + late, () => chain.take(copy));
    if (doubled) clock.after(i * pace + 2 * late, () => chain.take(copy));
  });
}

function stage({ bundles, seed, failing, heldBytes }: Scene, onBroken?: () => void) {
  const random = new SeededRandom(seed);
  const clock = new VirtualClock({ turn, shuffle: random });
  const stored = life(
    bundles.map(([gap]) => gap),
    { seq: 0, time: 1000 },
  );
  const shelf = new Shelf(stored, clock, random, failing);
  const hearer = new Hearer(onBroken);
  const limits: ChainLimits = { ...chainLimits, heldBytes };
  const chain = new Chain(hearer.follower, shelf.read, clock, limits);
  return { clock, stored, shelf, hearer, chain };
}

/** Perhaps inside its bundle: a follow goes on after the whole of it. */
function positionOf(bundle: Stored | undefined): Position | undefined {
  return bundle && { seq: bundle.seq, index: 0, time: bundle.time };
}

describe("whatever the copies suffer", () => {
  test("every bundle after the start is told once and in order", async () => {
    await fc.assert(
      fc.asyncProperty(scene, async (given) => {
        const { clock, stored, shelf, hearer, chain } = stage(given);
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
        const { clock, stored, shelf, hearer, chain } = stage(given);
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
          const { clock, stored, shelf, hearer, chain } = stage(given);
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

describe("one by one", () => {
  const plain: Scene = {
    bundles: [1, 2, 1, 3, 1].map((gap): [number, Fate] => [gap, { dropped: false, doubled: false, late: 0 }]),
    seed: 1,
    startAt: 0,
    startAfter: 0,
    pace: 1,
    failing: 0,
    heldBytes: chainLimits.heldBytes,
  };

  test("a healthy link costs no read and no timer", () => {
    const { clock, stored, shelf, hearer, chain } = stage(plain);
    chain.start(undefined);
    for (const copy of stored) chain.take(copy);
    chain.mention(stored.at(-1)?.seq ?? 0);
    expect(hearer.heard).toEqual(stored);
    expect(shelf.reads).toBe(0);
    expect(clock.timers).toBe(0);
  });

  test("a room that is loaded reads what was stored before the follow at once", async () => {
    const { clock, stored, shelf, hearer, chain } = stage(plain);
    chain.start(positionOf(stored[0]));
    chain.mention(stored.at(-1)?.seq ?? 0);
    expect(shelf.reads).toBe(1);
    await clock.advance(chainLimits.patience - 1);
    expect(hearer.heard).toEqual(stored.slice(1));
  });

  test("a mentioned bundle is waited for before it is read", async () => {
    const { clock, stored, shelf, hearer, chain } = stage(plain);
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
    const { clock, stored, hearer, chain } = stage(plain);
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
    const { clock, stored, shelf, hearer, chain } = stage({ ...plain, heldBytes: 250 });
    chain.start(undefined);
    for (const copy of stored.slice(1)) chain.take(copy);
    expect(hearer.heard).toEqual([]);
    await clock.advance(1000);
    expect(hearer.heard).toEqual(stored);
    expect(shelf.reads).toBeGreaterThan(1);
  });

  test("copies that come while a hole is read wait in their order, and once however often they come", async () => {
    const { clock, stored, shelf, hearer, chain } = stage({ ...plain, heldBytes: 1000 });
    chain.start(undefined);
    for (const i of [1, 4, 2, 3]) for (let times = 0; times < 20; times += 1) chain.take(stored[i] ?? fail());
    await clock.advance(1000);
    expect(hearer.heard).toEqual(stored);
    expect(shelf.reads).toBe(1);
  });

  test("a read that fails is tried again, ever more slowly, until it is answered", async () => {
    const { clock, stored, shelf, hearer, chain } = stage({ ...plain, failing: 1 });
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
    const { clock, stored, shelf, hearer, chain } = stage(plain);
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
    const { stored, hearer, chain } = stage(plain);
    chain.start(undefined);
    for (const copy of stored) chain.take(copy);
    const last = stored.at(-1);
    chain.mention(1, (last?.time ?? 0) + 1);
    expect(hearer.broken).toBe("reborn");
  });

  test("a predecessor between two neighbours is a reborn stream", () => {
    const { stored, hearer, chain } = stage(plain);
    chain.start(positionOf(stored[1]));
    chain.take({ seq: 1000, previous: 1, time: 9999, entries: [keep] });
    expect(hearer.broken).toBe("reborn");
  });

  test("a copy of an earlier life is looked for and not missed", async () => {
    const { clock, stored, shelf, hearer, chain } = stage(plain);
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
    const { clock, stored, shelf, hearer, chain } = stage(plain);
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
    const { hearer, chain } = stage(plain);
    chain.start(undefined);
    chain.outlived();
    expect(hearer.broken).toBe("lost");
  });

  test("a place from elsewhere, or from before a lost link, is read before the next copy is trusted", async () => {
    const { clock, stored, shelf, hearer, chain } = stage(plain);
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
    const { clock, stored, shelf, hearer, chain } = stage(plain);
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
