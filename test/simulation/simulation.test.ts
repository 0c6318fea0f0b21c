// Whole clusters on a virtual clock: seeded conversations with kills, pauses, cuts and losses, judged by journals alone.
import { describe, expect, test } from "vitest";
import { converse } from "./conversation.ts";

const batch = 100;

/** Every broken promise of the seeds, each with how to see it again. */
async function brokenIn(first: number, count: number): Promise<string[]> {
  const broken: string[] = [];
  for (let seed = first; seed < first + count; seed += 1) {
    const verdict = await converse(seed);
    for (const each of verdict.broken) {
      broken.push(`${each} (HELIOGRAPH_SEED=${seed} npx vitest run test/simulation)`);
    }
  }
  return broken;
}

const replayed = process.env["HELIOGRAPH_SEED"];
const more = Number(process.env["HELIOGRAPH_SIMULATION_SEEDS"] ?? 0);

describe("a thousand conversations over three nodes keep every promise", () => {
  const firsts = Array.from({ length: 1_000 / batch }, (_, i) => 1 + i * batch);
  test.each(firsts)("from seed %i", { timeout: 120_000 }, async (first) => {
    expect(await brokenIn(first, batch)).toEqual([]);
  });

  if (replayed !== undefined) {
    test("and the one asked for", { timeout: 60_000 }, async () => {
      expect(await brokenIn(Number(replayed), 1)).toEqual([]);
    });
  }

  if (more > 0) {
    test(`and ${more} that nobody chose`, { timeout: 3_600_000 }, async () => {
      const first = 10_000 + Math.floor(Math.random() * 2 ** 31);
      expect(await brokenIn(first, more)).toEqual([]);
    });
  }
});
