import { expect, test } from "vitest";
import { anything, Exactly, like, told } from "./like.ts";

test("members beside those of the pattern are ignored, and named ones must fit", () => {
  expect(like({ a: 1, b: { c: [1, 2], d: 3 } }, { b: { c: [1, 2] } })).toBe(true);
  expect(like({ b: { c: [1, 2, 3] } }, { b: { c: [1, 2] } })).toBe(false);
  expect(like({ b: { c: [1] } }, { b: { c: [1, 2] } })).toBe(false);
  expect(like({}, { a: 1 })).toBe(false);
  expect(like(null, { a: 1 })).toBe(false);
  expect(like([1], { 0: 1 })).toBe(false);
});

test("a member named with undefined must be absent, anything must be there", () => {
  expect(like({}, { a: undefined })).toBe(true);
  expect(like({ a: null }, { a: undefined })).toBe(false);
  expect(like({ a: null }, { a: anything })).toBe(true);
  expect(like({}, { a: anything })).toBe(false);
});

test("exactly means with no member more", () => {
  expect(like({ a: { b: 1 } }, { a: new Exactly({ b: 1 }) })).toBe(true);
  expect(like({ a: { b: 1, c: 2 } }, { a: new Exactly({ b: 1 }) })).toBe(false);
  expect(like({ a: [1, "1"] }, { a: new Exactly([1, 1]) })).toBe(false);
});

test("what is told is one line, bounded, and without secrets", () => {
  expect(told({ token: "t", ice: { credential: "c" }, n: 1 })).toBe(
    '{"token":"(secret)","ice":{"credential":"(secret)"},"n":1}',
  );
  expect(told("x".repeat(1_000)).length).toBeLessThan(400);
});
