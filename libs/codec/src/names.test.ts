// Remembered names are the names that the bytes spell, also where two share a slot.
import fc from "fast-check";
import { expect, test } from "vitest";
import { Names } from "./names.ts";

const utf8 = new TextEncoder();

test("what is found is what the bytes spell, whatever was remembered before", () => {
  const names = new Names();
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 6 }), (name) => {
      const bytes = utf8.encode(name);
      const found = names.find(bytes, 0, bytes.length);
      if (found !== undefined) expect(found).toBe(name);
      names.remember(name, bytes, 0, bytes.length);
    }),
    { numRuns: 20_000 },
  );
});

test("a name is not found by bytes that are its letters in Latin-1", () => {
  // Its own UTF-8 and these bytes share a slot once in a thousand, which a patient sender can look for.
  const names = new Names();
  const mistaken: string[] = [];
  for (let letter = 0x800; letter < 0xd800; letter++) {
    const bytes = utf8.encode(`${String.fromCharCode(letter)}xyz`);
    const letters = String.fromCharCode(...bytes);
    const spelt = utf8.encode(letters);
    names.remember(letters, spelt, 0, spelt.length);
    if (names.find(bytes, 0, bytes.length) !== undefined) mistaken.push(letters);
  }
  expect(mistaken).toEqual([]);
});

test("a name is found again within other bytes", () => {
  const names = new Names();
  names.remember("candidates", utf8.encode("candidates"), 0, 10);
  expect(names.find(utf8.encode("..candidates."), 2, 12)).toBe("candidates");
  expect(names.find(utf8.encode("..candidate"), 2, 12)).toBeUndefined();
});
