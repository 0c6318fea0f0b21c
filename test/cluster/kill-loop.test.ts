// The promise, on real processes: whatever dies, every session resumes and nobody misses a message or hears one twice.
import { describe, expect, test } from "vitest";
import type { Judgement } from "./checker/judge.ts";
import { breachesOf, tableOf } from "./checker/table.ts";
import { KillLoop } from "./kill-loop.ts";
import type { Kind } from "./strikes.ts";
import { kinds } from "./strikes.ts";

/** What `npm run test:kill-loop` asks for; without it a few rounds of every kind. */
const asked = {
  rounds: Number(process.env["HELIOGRAPH_KILL_ROUNDS"] ?? 0),
  kinds: (process.env["HELIOGRAPH_KILL_KINDS"] ?? "").split(",").filter(isKind),
  seed: Number(process.env["HELIOGRAPH_SEED"] ?? 20_261_121),
};

function isKind(word: string): word is Kind {
  return (kinds as readonly string[]).includes(word);
}

const say = (line: string): void => void process.stderr.write(`[kill loop] ${line}\n`);

function report(judgement: Judgement): void {
  process.stderr.write(
    `\n${tableOf(judgement)}\n${breachesOf(judgement)}\n${judgement.heard} deliveries were judged.\n\n`,
  );
}

/** Every kind of death, and edges twice: their death is what it is all about. */
const short: readonly Kind[] = ["edge", "keeper", "haproxy", "redis", "nats", "rolling", "pause", "edge"];

describe("the kill loop", () => {
  test.runIf(asked.rounds === 0)(
    "loses nothing, doubles nothing and keeps one order, whatever is killed, paused or restarted",
    async () => {
      const judgement = await KillLoop.run({ seed: asked.seed, kinds: short, say });
      report(judgement);
      expect(breachesOf(judgement)).toBe("");
      expect(judgement.heard).toBeGreaterThan(20_000);
      expect(judgement.rows.reduce((sum, { cuts }) => sum + cuts, 0)).toBeGreaterThan(300);
    },
    300_000,
  );

  test.runIf(asked.rounds > 0).each(asked.kinds)(
    `keeps the promise through ${asked.rounds} rounds of: %s`,
    async (kind) => {
      const judgement = await KillLoop.run({ seed: asked.seed, kinds: Array(asked.rounds).fill(kind), say });
      report(judgement);
      expect(breachesOf(judgement)).toBe("");
    },
    120_000 + asked.rounds * 60_000,
  );
});
