import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lastNumber, UnderWay } from "./under-way.ts";

describe("what is under way", () => {
  test("is found as in a Map, whatever comes and goes in whatever order", () => {
    // Few numbers that collide at every size, and the last ones, beside any.
    const number = fc.oneof(
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 40 }).map((n) => n * 64),
      fc.integer({ min: lastNumber - 70, max: lastNumber }),
    );
    const act = fc.record({ what: fc.constantFrom("set", "set", "delete"), number });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 600, size: "max" }), (acts) => {
        const [ours, model] = [new UnderWay<string>(), new Map<number, string>()];
        for (const [i, { what, number }] of acts.entries()) {
          if (what === "set") {
            ours.set(number, `${i}`);
            model.set(number, `${i}`);
          } else {
            ours.delete(number);
            model.delete(number);
          }
          expect([ours.get(number), ours.size]).toEqual([model.get(number), model.size]);
        }
        for (const { number } of acts) expect(ours.get(number)).toBe(model.get(number));
        expect(ours.all()).toEqual([...model].sort(([a], [b]) => a - b).map(([, thing]) => thing));
      }),
      { seed: 20_261, numRuns: 300 },
    );
  });

  test("is not found by a number that nobody can have", () => {
    const things = new UnderWay<string>();
    things.set(1, "one");
    for (const number of [0, -1, 1.5, Number.NaN, 2 ** 32 + 1]) expect(things.get(number)).toBeUndefined();
    expect(things.size).toBe(1);
  });

  test("may come and go while all of it is looked at", () => {
    const things = new UnderWay<number>();
    for (let number = 1; number <= 100; number += 1) things.set(number, number);
    const seen: number[] = [];
    for (const thing of things.all()) {
      seen.push(thing);
      things.delete(thing);
      things.set(thing + 100, thing + 100);
    }
    expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    expect(things.all()).toEqual(Array.from({ length: 100 }, (_, i) => i + 101));
    things.clear();
    expect([things.size, things.all()]).toEqual([0, []]);
  });
});
