// The checker finds fault: in a journal that is sound it finds nothing, and one lie in it is enough.
import { beforeAll, describe, expect, test } from "vitest";
import { check, type Facts } from "./checker.ts";
import { converse } from "./conversation.ts";
import type { Line } from "./journal.ts";

type Heard = Extract<Line, { what: "heard" }>;

let facts: Facts;

beforeAll(async () => {
  // Quiet enough that what is said is heard by everyone, lively enough that members come and go.
  for (let seed = 1; ; seed += 1) {
    const verdict = await converse(seed);
    const said = verdict.journal.filter((line) => line.what === "heard" && line.fact.type === "said");
    if (!verdict.reborn && verdict.facts.dim.size === 0 && said.length > 60) {
      facts = verdict.facts;
      return;
    }
  }
});

const isSaid = (line: Line): line is Heard => line.what === "heard" && line.fact.type === "said";

function tampered(change: (journal: Line[]) => void): string[] {
  const journal = [...facts.journal];
  change(journal);
  return check({ ...facts, journal });
}

/** Something said to everyone that at least two heard, by the place of one hearing in the middle of the journal. */
function hearing(journal: readonly Line[]): number {
  const shared = journal.flatMap((line, at) => {
    if (!isSaid(line) || line.fact.type !== "said" || line.fact.to !== undefined) return [];
    const { position, room, who } = line;
    const others = journal.filter(
      (each) => isSaid(each) && each.room === room && each.who !== who && each.position.seq === position.seq,
    );
    return others.length > 0 ? [at] : [];
  });
  const middle = shared[Math.floor(shared.length / 2)];
  if (middle === undefined) throw new Error("nobody heard anything together");
  return middle;
}

/** Whether this line tells someone of a member that it hears next, with no view of the room in between. */
function speaksAfter(journal: readonly Line[], at: number): boolean {
  const joined = journal[at];
  if (joined?.what !== "heard" || joined.fact.type !== "joined") return false;
  const { member } = joined.fact;
  const next = journal.find(
    (line, i) =>
      i > at &&
      line.who === joined.who &&
      line.room === joined.room &&
      (("shown" in line && line.shown !== undefined) ||
        (isSaid(line) && line.fact.type === "said" && line.fact.from === member)),
  );
  return next !== undefined && isSaid(next);
}

describe("the checker", () => {
  test("finds nothing in a sound journal", () => {
    expect(tampered(() => undefined)).toEqual([]);
  });

  test("finds a loss", () => {
    expect(tampered((journal) => journal.splice(hearing(journal), 1)).length).toBeGreaterThan(0);
  });

  test("finds a duplicate", () => {
    const broken = tampered((journal) => {
      const at = hearing(journal);
      const line = journal[at];
      if (line !== undefined) journal.splice(at, 0, line);
    });
    expect(broken.length).toBeGreaterThan(0);
  });

  test("finds a swap", () => {
    const broken = tampered((journal) => {
      const at = hearing(journal);
      const line = journal[at];
      const next = journal.findIndex(
        (each, i) => i > at && each.what === "heard" && each.who === line?.who && each.room === line.room,
      );
      const other = journal[next];
      if (line === undefined || other === undefined) throw new Error("nothing to swap");
      journal[at] = other;
      journal[next] = line;
    });
    expect(broken.length).toBeGreaterThan(0);
  });

  test("finds a word from someone who has not joined", () => {
    const broken = tampered((journal) => {
      const at = journal.findIndex((_, i) => speaksAfter(journal, i));
      if (at < 0) throw new Error("nobody was heard to join and then to speak");
      journal.splice(at, 1);
    });
    expect(broken.length).toBeGreaterThan(0);
  });

  test("finds someone who left twice", () => {
    const broken = tampered((journal) => {
      const at = journal.findIndex((line) => line.what === "heard" && line.fact.type === "left");
      const line = journal[at];
      if (line === undefined) throw new Error("nobody left");
      journal.splice(at + 1, 0, line);
    });
    expect(broken.length).toBeGreaterThan(0);
  });

  test("finds two who were told different things at one place", () => {
    const broken = tampered((journal) => {
      const at = hearing(journal);
      const line = journal[at];
      if (line?.what !== "heard" || line.fact.type !== "said") throw new Error("it was said");
      journal[at] = { ...line, fact: { ...line.fact, id: "never said" } };
    });
    expect(broken.length).toBeGreaterThan(0);
  });
});
