import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readQuantity, writeQuantity } from "./quantity.ts";

describe("durations and sizes", () => {
  test.for([
    ["30s", 30_000],
    ["30000", 30_000],
    ["1.5h", 5_400_000],
    ["500ms", 500],
    ["2 m", 120_000],
    ["1d", 86_400_000],
  ] as const)("%s is %i milliseconds", ([text, ms]) => expect(readQuantity("duration", text)).toBe(ms));

  test.for([
    ["64KiB", 65_536],
    ["1MiB", 1_048_576],
    ["60000B", 60_000],
    ["0.5KiB", 512],
  ] as const)("%s is %i bytes", ([text, bytes]) => expect(readQuantity("size", text)).toBe(bytes));

  test.for(["", "s", "-1s", "1e3", "30 seconds", "0.0001s", "1..5s", "30S", " 30s", "9e999d", "64KiB"])(
    "%j is no duration",
    (text) => expect(readQuantity("duration", text)).toBeUndefined(),
  );

  test("what is written is read as the same number", () => {
    fc.assert(
      fc.property(fc.constantFrom("duration" as const, "size" as const), fc.nat(2 ** 40), (of, value) => {
        expect(readQuantity(of, writeQuantity(of, value))).toBe(value);
      }),
    );
  });
});
