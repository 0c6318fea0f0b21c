import fc from "fast-check";
import { expect, test } from "vitest";
import type { Plan, Rect, Space } from "./layout.ts";
import { gridPlan, spotlightPlan } from "./layout.ts";

const spaces = fc.record({ width: fc.integer({ min: 280, max: 2600 }), height: fc.integer({ min: 280, max: 1500 }) });
const upToNine = fc.integer({ min: 1, max: 9 });

function overlap(a: Rect, b: Rect): boolean {
  return a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;
}

function expectTidy(plan: Plan, count: number, space: Space): void {
  expect(plan.tiles).toHaveLength(count);
  for (const [index, tile] of plan.tiles.entries()) {
    expect(tile.left).toBeGreaterThanOrEqual(0);
    expect(tile.top).toBeGreaterThanOrEqual(0);
    expect(tile.left + tile.width).toBeLessThanOrEqual(space.width);
    expect(tile.top + tile.height).toBeLessThanOrEqual(space.height);
    expect(Math.min(tile.width, tile.height)).toBeGreaterThan(20);
    for (const other of plan.tiles.slice(index + 1)) expect(overlap(tile, other)).toBe(false);
  }
}

test("up to nine tiles fit into any screen without scrolling or covering each other", () => {
  fc.assert(
    fc.property(upToNine, spaces, (count, space) => expectTidy(gridPlan(count, space, 8), count, space)),
    { seed: 9 },
  );
});

test("with one tile in the spotlight, all still fit and the spotlight is the largest", () => {
  fc.assert(
    fc.property(upToNine, fc.nat(8), spaces, (count, chosen, space) => {
      const large = chosen % count;
      const plan = spotlightPlan(count, large, space, 8);
      expectTidy(plan, count, space);
      const area = (rect: Rect | undefined) => (rect?.width ?? 0) * (rect?.height ?? 0);
      for (const tile of plan.tiles) expect(area(tile)).toBeLessThanOrEqual(area(plan.tiles[large]));
    }),
    { seed: 10 },
  );
});

test("two people sit side by side on a wide screen and above each other on a narrow one", () => {
  const wide = gridPlan(2, { width: 1280, height: 640 }, 8).tiles;
  expect(wide[0]?.top).toBe(wide[1]?.top);
  const narrow = gridPlan(2, { width: 344, height: 560 }, 8).tiles;
  expect(narrow[0]?.left).toBe(narrow[1]?.left);
});

test("a last row that is not full stands in the middle", () => {
  const [first, second, third] = gridPlan(3, { width: 1000, height: 900 }, 10).tiles;
  expect(third?.top).toBeGreaterThan(first?.top ?? 0);
  expect(third?.left).toBe(Math.floor(((first?.left ?? 0) + (second?.left ?? 0)) / 2));
});

test("a crowd keeps a readable size and scrolls", () => {
  const space = { width: 344, height: 500 };
  const plan = gridPlan(24, space, 8);
  expect(plan.height).toBeGreaterThan(space.height);
  for (const tile of plan.tiles) expect(tile.height).toBeGreaterThanOrEqual(95);
});

test("an empty stage needs no place", () => {
  expect(gridPlan(0, { width: 100, height: 100 }, 8).tiles).toEqual([]);
  expect(gridPlan(3, { width: 0, height: 0 }, 8).tiles).toEqual([]);
});
