// What every Log promises: one order for all, nothing lost, nothing told twice, and an honest word when it cannot be so.
import { describe } from "vitest";
import { followCases } from "./log-follows.ts";
import { lossCases } from "./log-losses.ts";
import { readCases } from "./log-reads.ts";
import type { LogUnderTest } from "./log-stage.ts";
import { casesOn } from "./stage.ts";

export type { LogUnderTest } from "./log-stage.ts";

export function logContract(name: string, make: () => Promise<LogUnderTest>): void {
  const on = casesOn(make);
  describe(`Log: ${name}`, () => {
    readCases(on);
    followCases(on);
    lossCases(on);
  });
}
