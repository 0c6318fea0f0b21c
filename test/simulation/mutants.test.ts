// Every safety rule is needed: the simulation of a core without it breaks a promise, within so many seeds.
import { describe, expect, test } from "vitest";
import { withConversation } from "./mutant.ts";
import { rules } from "./rules.ts";

/** So many seeds are tried with every rule left out, to tell in how many of them its absence shows. */
const counted = Number(process.env["HELIOGRAPH_MUTANT_SEEDS"] ?? 0);

type Converse = Parameters<Parameters<typeof withConversation>[1]>[0];

/** A conversation that never ends, or in which a node throws, is a broken promise too. */
async function breaks(converse: Converse, seed: number): Promise<boolean> {
  try {
    return (await converse(seed)).broken.length > 0;
  } catch {
    return true;
  }
}

const bound = 150;

describe("the simulation misses", () => {
  const often = rules.filter(({ shows }) => shows === "often");
  test.each(often)("$name", { timeout: 120_000 }, async ({ without }) => {
    const first = await withConversation(without, async (converse) => {
      for (let seed = 1; seed <= bound; seed += 1) if (await breaks(converse, seed)) return seed;
      return undefined;
    });
    expect(first).toBeDefined();
  });
});

test("a core that has all its rules is loaded in the same way, and keeps every promise", async () => {
  const broken = await withConversation([], (converse) => breaks(converse, 1));
  expect(broken).toBe(false);
});

if (counted > 0) {
  test("in so many seeds each is missed", { timeout: 3_600_000 }, async () => {
    const rows: string[] = [];
    const unmissed: string[] = [];
    for (const { name, without, shows } of rules) {
      const broke = await withConversation(without, async (converse) => {
        let found = 0;
        for (let seed = 1; seed <= counted; seed += 1) if (await breaks(converse, seed)) found += 1;
        return found;
      });
      if (broke === 0 && shows !== "never") unmissed.push(name);
      rows.push(`| ${name} | ${broke} of ${counted} | ${((100 * broke) / counted).toFixed(1)} % |`);
    }
    process.stdout.write(`\n| left out | seeds that broke | share |\n|---|---|---|\n${rows.join("\n")}\n`);
    expect(unmissed).toEqual([]);
  });
}
