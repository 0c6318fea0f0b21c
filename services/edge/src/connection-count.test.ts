import { expect, test } from "vitest";
import { ConnectionCount } from "./connection-count.ts";

test("an address is full at its bound, others are not, and a closed connection makes room", () => {
  const count = new ConnectionCount(2);
  count.add("a");
  count.add("a");
  expect([count.full("a"), count.full("b")]).toStrictEqual([true, false]);
  count.remove("a");
  expect(count.full("a")).toBe(false);
});

test("nothing is kept of an address that holds none any more", () => {
  const count = new ConnectionCount(2);
  for (const address of ["a", "b", "a"]) count.add(address);
  for (const address of ["a", "b", "a"]) count.remove(address);
  expect(count.size).toBe(0);
});

test("a removal too many does not let more in later", () => {
  const count = new ConnectionCount(1);
  count.remove("a");
  count.add("a");
  expect(count.full("a")).toBe(true);
});

test("a lower bound keeps who is there and lets nobody else in", () => {
  const count = new ConnectionCount(3);
  for (let i = 0; i < 3; i += 1) count.add("a");
  count.allow(1);
  count.remove("a");
  expect(count.full("a")).toBe(true);
  count.allow(0);
  expect(count.full("a")).toBe(false);
});
