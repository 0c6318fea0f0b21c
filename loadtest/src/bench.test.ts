import { expect, test } from "vitest";
import { atLeast, atMost, worst } from "./bench.ts";

test("a figure meets its goal, misses it, or misses it by more than a quarter", () => {
  expect([1, 1.3, 1.31, 1.62, 1.63].map((figure) => atMost(figure, 1.3))).toEqual([
    "met",
    "met",
    "missed",
    "missed",
    "missed by more than 25 %",
  ]);
  expect([5_000, 3_500, 3_499, 2_800, 2_799].map((figure) => atLeast(figure, 3_500))).toEqual([
    "met",
    "met",
    "missed",
    "missed",
    "missed by more than 25 %",
  ]);
});

test("of several the worst counts, and what is only reported counts for nothing", () => {
  expect(worst("met", "reported", "missed")).toBe("missed");
  expect(worst("met", "missed by more than 25 %")).toBe("missed by more than 25 %");
  expect(worst("reported", "met")).toBe("met");
  expect(worst("reported")).toBe("reported");
});
