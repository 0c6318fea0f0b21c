import { expect, test } from "vitest";
import { Openings } from "./openings.ts";

/** Turns of a loop that end when the test says so. */
class Turns {
  #ending: (() => void)[] = [];

  endOfTurn(call: () => void): void {
    this.#ending.push(call);
  }

  end(): number {
    const ending = this.#ending;
    this.#ending = [];
    for (const call of ending) call();
    return ending.length;
  }
}

function crowd(count: number) {
  const turns = new Turns();
  const openings = new Openings(turns);
  const opened: number[] = [];
  const comers = Array.from({ length: count }, (_, i) => ({ open: () => void opened.push(i) }));
  return { turns, openings, opened, comers };
}

test("whoever comes alone is let in at once, and a crowd in order, fifty a turn", () => {
  const { turns, openings, opened, comers } = crowd(120);
  for (const comer of comers) openings.add(comer);
  expect(opened).toHaveLength(50);
  expect(openings.size).toBe(70);
  turns.end();
  expect(opened).toHaveLength(100);
  turns.end();
  expect(opened).toEqual(comers.map((_, i) => i));
  expect(openings.size).toBe(0);
  // Then the loop is left alone.
  expect([turns.end(), turns.end()]).toEqual([1, 0]);
});

test("who has gone before its turn is not let in, and who comes late stands behind the others", () => {
  const { turns, openings, opened, comers } = crowd(62);
  for (const comer of comers.slice(0, 60)) openings.add(comer);
  openings.remove(comers[55] ?? comers[0] ?? { open: () => undefined });
  for (const comer of comers.slice(60)) openings.add(comer);
  expect(opened).toHaveLength(50);
  turns.end();
  expect(opened).toEqual(Array.from({ length: 62 }, (_, i) => i).filter((i) => i !== 55));
});
