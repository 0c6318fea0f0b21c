import fc from "fast-check";
import { expect, test } from "vitest";
import { levelOf, settled, speaking } from "./level.ts";

const wave = (height: number) =>
  Uint8Array.from({ length: 512 }, (_, at) => 128 + Math.round(height * Math.sin(at / 5)));

test("silence is nothing, a shout fills the meter", () => {
  expect(levelOf(wave(0))).toBe(0);
  expect(levelOf(wave(127))).toBeGreaterThan(0.95);
  expect(levelOf(new Uint8Array())).toBe(0);
});

test("louder is never lower, and always between 0 and 1", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 126 }), (height) => {
      expect(levelOf(wave(height + 1))).toBeGreaterThanOrEqual(levelOf(wave(height)));
      expect(levelOf(wave(height))).toBeGreaterThanOrEqual(0);
    }),
    { seed: 5 },
  );
});

test("ordinary speech counts as speaking, the hiss of a room does not", () => {
  expect(levelOf(wave(16))).toBeGreaterThan(speaking);
  expect(levelOf(wave(1))).toBeLessThan(speaking);
});

test("the meter rises at once, falls gently and comes to rest", () => {
  expect(settled(0, 0.8)).toBe(0.8);
  expect(settled(0.8, 0)).toBeCloseTo(0.64);
  let level = 1;
  for (let reading = 0; reading < 40; reading += 1) level = settled(level, 0);
  expect(level).toBe(0);
});
