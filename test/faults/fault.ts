// One row of the table of failures as a test: a house on its ground, the play, and a look at what is left of it.
import { expect, test } from "vitest";
import type { Ground } from "./ground.ts";
import { House } from "./house.ts";
import { MemoryGround } from "./memory-ground.ts";
import { RealGround } from "./real-ground.ts";

/** Rows are quick to try over the twins, which answers nothing about real servers: HELIOGRAPH_FAULTS=twins. */
const usual = async (): Promise<Ground> =>
  process.env["HELIOGRAPH_FAULTS"] === "twins" ? new MemoryGround() : RealGround.start();

export interface Row {
  /** As environment variables, without `HELIOGRAPH_`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** One NATS server and one Redis unless given. */
  readonly ground?: () => Promise<Ground>;
  /** Milliseconds. */
  readonly timeout?: number;
  /** Beside the other rows of its file, which mostly wait, each for servers of its own. */
  readonly beside?: true;
  /** Faults that belong to the row; any other is a bug. */
  readonly expected?: RegExp;
  /** Not for rows that end otherwise: some client is meant to be still there. */
  readonly leavesNothing?: boolean;
}

/** What was measured, printed behind the row's name. */
export type Measured = (what: string, ms: number) => void;

export function fault(name: string, row: Row, play: (house: House, measured: Measured) => Promise<void>): void {
  const { settings, timeout = 60_000, leavesNothing = true, expected } = row;
  const ground = row.ground ?? usual;
  test(name, { timeout, concurrent: row.beside === true }, async () => {
    const house = new House(await ground(), settings);
    const lines: string[] = [];
    try {
      await play(house, (what, ms) => lines.push(`${what} ${(ms / 1_000).toFixed(2)} s`));
      if (leavesNothing) await house.empties();
      expect(house.faults.filter((fault) => expected?.test(fault) !== true)).toStrictEqual([]);
    } finally {
      await house.end();
      if (lines.length > 0) process.stdout.write(`    ${name}: ${lines.join(", ")}\n`);
    }
  });
}
