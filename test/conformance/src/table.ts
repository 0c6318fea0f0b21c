// How a run looks: a line for each case, and below it what was seen where it did not pass.
import type { Result } from "./runner.ts";

const page = "docs/protocol/v1.md";
const indent = "                 ";

export const heading = ["outcome  codec    case", "-------  -------  ----"];

export function rowsOf({ of, codec, outcome, seen }: Result): readonly string[] {
  const word = outcome === "failed" ? "FAILED" : outcome;
  const row = `${word.padEnd(7)}  ${codec.padEnd(7)}  ${of.name}  (${page}#${of.section})`;
  if (seen === undefined) return [row];
  return [row, `${indent}  ${outcome === "failed" ? "seen: " : ""}${seen}`];
}
