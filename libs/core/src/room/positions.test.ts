// Lists of positions.
import type { Position } from "@heliograph/protocol";
import { expect, test } from "vitest";
import { compareInTime, Positions } from "./positions.ts";

const place = (seq: number): Position => ({ seq, index: seq % 3, time: 5000 + seq * 10 });

test("what is pushed and not dropped is there, oldest first", () => {
  const positions = new Positions();
  const plain: Position[] = [];
  for (let seq = 1; seq <= 500; seq += 1) {
    positions.push(place(seq));
    plain.push(place(seq));
    if (seq % 3 !== 0) {
      positions.dropFirst();
      plain.shift();
    }
    expect(positions.size).toBe(plain.length);
  }
  expect(positions.toCopy()).toEqual(plain);
  expect(positions.at(0)).toEqual(plain[0]);
  expect(positions.at(-1)).toBeUndefined();
  expect(positions.at(plain.length)).toBeUndefined();
  for (const position of plain) expect(positions.has(position)).toBe(true);
  expect(positions.has(place(1))).toBe(false);
  expect(positions.has({ ...place(400), time: 1 })).toBe(false);
});

test("everything before a time can be dropped at once", () => {
  const positions = new Positions([place(1), place(2), place(3)]);
  positions.dropBefore(place(2).time);
  expect(positions.toCopy()).toEqual([place(2), place(3)]);
  positions.dropBefore(1e9);
  expect(positions.size).toBe(0);
});

test("a later life of the log comes later, whatever its sequences", () => {
  const before = { seq: 900, index: 4, time: 100 };
  expect(compareInTime(before, { seq: 1, index: 0, time: 101 })).toBeLessThan(0);
  expect(compareInTime(before, { seq: 900, index: 5, time: 100 })).toBeLessThan(0);
  expect(compareInTime(before, { seq: 901, index: 0, time: 100 })).toBeLessThan(0);
});
