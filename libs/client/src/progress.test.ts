// How far a room was heard, frame by frame.
import { expect, test } from "vitest";
import { Progress } from "./progress.ts";

const first = { attempt: 1 };
const second = { attempt: 2 };

test("an entry is told once, whichever connection brings it first", () => {
  const progress = new Progress();
  expect(["1.0.0", "2.0.0", "2.1.0"].map((position) => progress.admit(first, position))).toEqual([true, true, true]);
  expect(["2.0.0", "2.1.0", "3.0.0"].map((position) => progress.admit(second, position))).toEqual([false, false, true]);
  expect(progress.admit(first, "3.0.0")).toBe(false);
});

test("positions are compared by their parts, not as text", () => {
  const progress = new Progress();
  expect(["9.0.0", "z.0.0", "10.0.0", "10.a.0"].map((position) => progress.admit(first, position))).toEqual([
    true,
    true,
    true,
    true,
  ]);
});

test("an entry of several frames that broke off is completed by the next connection, without its beginning", () => {
  const progress = new Progress();
  progress.adopt("1.0.0");
  expect(progress.admit(first, "2.0.0")).toBe(true);
  expect(progress.resumeFrom).toBe("1.0.0");
  expect([1, 2, 3].map(() => progress.admit(second, "2.0.0"))).toEqual([false, true, true]);
  expect(progress.admit(second, "3.0.0")).toBe(true);
  expect(progress.resumeFrom).toBe("2.0.0");
});

test("the server's word for a position makes it whole, and never leads back", () => {
  const progress = new Progress();
  progress.admit(first, "5.0.0");
  progress.adopt("5.0.0");
  expect(progress.resumeFrom).toBe("5.0.0");
  progress.adopt("4.0.0");
  expect(progress.resumeFrom).toBe("5.0.0");
  expect(progress.admit(first, "5.0.0")).toBe(false);
});

test("after the log has begun anew low positions count, and older connections no longer", () => {
  const progress = new Progress();
  progress.admit(first, "900.0.0");
  progress.restart(second, "1.0.1");
  expect(progress.admit(second, "2.0.1")).toBe(true);
  expect(progress.admit(first, "901.0.0")).toBe(false);
});

test("positions of an unknown shape are told rather than lost", () => {
  const progress = new Progress();
  expect([progress.admit(first, "opaque!"), progress.admit(first, "opaque!")]).toEqual([true, true]);
});

test("what was kept over a reload goes on exactly where it was", () => {
  const before = new Progress();
  before.adopt("1.0.0");
  before.admit(first, "2.0.0");
  const place = before.place;
  if (place === undefined) throw new Error("nothing kept");
  const after = new Progress({ ...place, mark: 0 });
  expect(after.resumeFrom).toBe("1.0.0");
  expect([1, 2].map(() => after.admit(second, "2.0.0"))).toEqual([false, true]);
});
