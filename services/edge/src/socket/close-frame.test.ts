// Codes and reasons of close frames.
import fc from "fast-check";
import { expect, test } from "vitest";
import { closeFrame } from "./close-frame.ts";

test.each([1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999])("%i may be sent", (code) => {
  expect(closeFrame(code, "").code).toBe(code);
});

test.each([0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 4000.5, Number.NaN])("%d becomes 1011", (code) => {
  expect(closeFrame(code, "").code).toBe(1011);
});

test("a reason is at most 123 bytes of UTF-8 and a beginning of what was given", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), fc.integer(), (given, code) => {
      const { reason } = closeFrame(code, given);
      const bytes = Buffer.byteLength(reason);
      expect(bytes).toBeLessThanOrEqual(123);
      expect(given.startsWith(reason)).toBe(true);
      // No character that would have fitted is missing.
      const [next] = given.slice(reason.length);
      if (next !== undefined) expect(bytes + Buffer.byteLength(next)).toBeGreaterThan(123);
    }),
  );
});
