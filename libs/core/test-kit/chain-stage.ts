// A chain over a shelf of stored bundles, whose answers take their time and sometimes fail, and a hearer of what it tells.
import type { NodeId, Position } from "@heliograph/protocol";
import type { ChainLimits, LiveCopy } from "../src/chain.ts";
import { Chain, chainLimits } from "../src/chain.ts";
import { SeededRandom } from "../src/memory/seeded-random.ts";
import { VirtualClock } from "../src/memory/virtual-clock.ts";
import type { ReadAnswer, Stored } from "../src/ports/log.ts";
import { Unreachable } from "../src/ports/unreachable.ts";
import type { Entry } from "../src/room/entry.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
export const keep: Entry = { kind: "keep", by: "node" as NodeId };

/** A room's life in a stream: sequences with holes of other rooms between them, and times that never fall. */
export function life(gaps: readonly number[], from: { seq: number; time: number }): LiveCopy[] {
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

export function fail(): never {
  throw new Error("the scene is too short");
}

/** What becomes of a live copy. */
export interface Fate {
  readonly dropped: boolean;
  readonly doubled: boolean;
  readonly late: number;
}

export interface ChainScene {
  /** Of each the distance from the one before it, and what becomes of its live copy. */
  readonly bundles: readonly (readonly [gap: number, Fate])[];
  readonly seed: number;
  /** Chance that a read fails. */
  readonly failing: number;
  readonly heldBytes: number;
}

export function chainStage({ bundles, seed, failing, heldBytes }: ChainScene, onBroken?: () => void) {
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
export function positionOf(bundle: Stored | undefined): Position | undefined {
  return bundle && { seq: bundle.seq, index: 0, time: bundle.time };
}
