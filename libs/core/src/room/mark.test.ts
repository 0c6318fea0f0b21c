// A mark against a plain set of counters.
import fc from "fast-check";
import { expect, test } from "vitest";
import { Mark, type MarkVerdict } from "./mark.ts";

function plainVerdict(said: ReadonlySet<number>, n: number): MarkVerdict {
  const highest = Math.max(0, ...said);
  if (n > highest) return "new";
  if (said.has(n)) return highest - n > 64 ? "too_old" : "applied";
  return highest - n > 64 ? "too_old" : "skipped";
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant(1) },
  { weight: 2, arbitrary: fc.integer({ min: 2, max: 5 }) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 28, max: 70 }),
  },
);

test("a mark says of every counter what a set of all of them says", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: "max" }), fc.boolean(), (steps, isCopied) => {
      const said = new Set<number>();
      let mark = new Mark();
      let n = 0;
      for (const by of steps) {
        n += by;
        mark.apply(n);
        said.add(n);
        if (isCopied) mark = new Mark(mark.toCopy());
        for (let asked = Math.max(1, n - 70); asked <= n + 2; asked += 1) {
          if (mark.judge(asked) !== plainVerdict(said, asked)) {
            expect({ asked, verdict: mark.judge(asked) }).toEqual({ asked, verdict: plainVerdict(said, asked) });
          }
        }
      }
      expect(mark.n).toBe(n);
    }),
    { seed: 64, numRuns: 500 },
  );
});

test("a new mark has applied nothing", () => {
  const mark = new Mark();
  expect(mark.n).toBe(0);
  expect(mark.judge(1)).toBe("new");
});

test("the words of a copy are unsigned, so that every codec gives back the same", () => {
  const mark = new Mark();
  for (let n = 1; n <= 65; n += 1) mark.apply(n);
  expect(mark.toCopy()).toEqual({ n: 65, low: 0xffffffff, high: 0xffffffff });
});

test("a huge counter forgets all below it", () => {
  const mark = new Mark();
  mark.apply(1);
  mark.apply(Number.MAX_SAFE_INTEGER);
  expect(mark.judge(1)).toBe("too_old");
  expect(mark.judge(Number.MAX_SAFE_INTEGER - 64)).toBe("skipped");
  expect(mark.toCopy()).toEqual({ n: Number.MAX_SAFE_INTEGER, low: 0, high: 0 });
});
