// One row of the table of failures as a test: a house on its ground, the play, and a look at what is left of it.
import { expect, test } from "vitest";
import type { Ground } from "./ground.ts";
import { House } from "./house.ts";
import { MemoryGround } from "./memory-ground.ts";

export interface Row {
  /** As environment variables, without `HELIOGRAPH_`. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly ground?: () => Promise<Ground>;
  /** Milliseconds. */
  readonly timeout?: number;
  /** Not for rows that end otherwise: some client is meant to be still there. */
  readonly leavesNothing?: boolean;
}

/** What was measured, printed behind the row's name. */
export type Measured = (what: string, ms: number) => void;

export function fault(name: string, row: Row, play: (house: House, measured: Measured) => Promise<void>): void {
  const { settings, ground = async () => new MemoryGround(), timeout = 60_000, leavesNothing = true } = row;
  test(name, { timeout }, async () => {
    const house = new House(await ground(), settings);
    const lines: string[] = [];
    try {
      await play(house, (what, ms) => lines.push(`${what} ${(ms / 1_000).toFixed(2)} s`));
      if (leavesNothing) await house.empties();
      expect(house.faults).toStrictEqual([]);
    } finally {
      await house.end();
      if (lines.length > 0) process.stdout.write(`    ${name}: ${lines.join(", ")}\n`);
    }
  });
}
