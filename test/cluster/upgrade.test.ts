// A rolling upgrade: nodes of an earlier build and of this one serve the same rooms, while any of them dies.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { breachesOf, tableOf } from "./checker/table.ts";
import { KillLoop } from "./kill-loop.ts";
import type { OlderBuild } from "./older-build.ts";
import { buildOf, isInHistory } from "./older-build.ts";

/** The build before this one: moved on with every release. It speaks the wire of this one's clients, and rules 1. */
const earlier = "44e117c";

describe.skipIf(!isInHistory(earlier))("beside nodes of an earlier build (skipped in a clone without history)", () => {
  let build: OlderBuild | undefined;

  beforeAll(() => {
    build = buildOf(earlier);
  }, 180_000);

  afterAll(() => build?.remove());

  test("nodes of this one lose nothing, double nothing and keep one order, also when either die or are replaced", async () => {
    const entry = build?.entry;
    if (entry === undefined) throw new Error("there is no earlier build");
    const old: ReadonlySet<string> = new Set(["edge-1", "edge-3", "keeper-1"]);
    const judgement = await KillLoop.run({
      seed: 20_261_121,
      rooms: 20,
      rate: 200,
      kinds: ["edge", "rolling", "edge"],
      // Both builds know these settings; several edges share this machine.
      cluster: {
        entryOf: (name) => (old.has(name) ? entry : undefined),
        settings: { internal: { listen: { port: 0 } }, turn: { stun: [] } },
      },
      say: (line) => void process.stderr.write(`[upgrade] ${line}\n`),
    });
    process.stderr.write(`\n${tableOf(judgement)}\n${breachesOf(judgement)}\n`);
    expect(breachesOf(judgement)).toBe("");
    expect(judgement.heard).toBeGreaterThan(5_000);
  }, 300_000);
});
