import type { Position } from "@heliograph/protocol";
import { roomKey } from "@heliograph/protocol";
import { expect, test } from "vitest";
import { House, lobby, realm } from "../test-kit/story.ts";
import type { ReadAnswer, Stored } from "./ports/log.ts";
import { Unreachable } from "./ports/unreachable.ts";
import type { Entry } from "./room/entry.ts";
import { SharedReads } from "./shared-reads.ts";

const key = roomKey(realm, lobby);
const entry = {} as Entry;
/** Every third sequence is the room's; two entries each. */
const stored: readonly Stored[] = Array.from({ length: 100 }, (_, i) => ({
  seq: 3 * i + 3,
  time: 1_000 + i,
  entries: [entry, entry],
}));

/** As the contract of logs has it, with what is older than `first` gone. */
function answerTo(after: Position | undefined, upTo: number, first = 0): ReadAnswer {
  const bundles = stored.filter(({ seq }) => seq >= first && seq <= upTo);
  const at = bundles.findIndex(({ seq, time }) => seq === after?.seq && time === after.time);
  if (after !== undefined && after.seq < first) return { whole: false, why: "too_old", bundles };
  if (after === undefined || at < 0) return { whole: false, why: "unknown_position", bundles: [] };
  return { whole: true, bundles: bundles.slice(after.index < 1 ? at : at + 1) };
}

function reads(first?: number) {
  const { clock } = new House();
  const asked: (number | undefined)[] = [];
  const log = {
    read: async (_room: typeof key, after: Position | undefined, upTo: number) => {
      asked.push(after?.seq);
      return answerTo(after, upTo, first);
    },
  };
  return { shared: new SharedReads(key, log, clock), asked, clock };
}

function place(i: number, index = 1): Position {
  return { seq: 3 * i + 3, index, time: 1_000 + i };
}

test("a hundred members that resume from as many places share one read, and each hears what its own would have brought", async () => {
  const { shared, asked, clock } = reads();
  const places = Array.from({ length: 99 }, (_, i) => place((i * 37) % 99, i % 2));
  const answers = Promise.all(places.map((after) => shared.read(after, 300)));
  await clock.settle();
  expect(await answers).toEqual(places.map((after) => answerTo(after, 300)));
  expect(asked).toHaveLength(1);
});

test("whose place has aged out, or is none, is told so, and nobody else for it", async () => {
  const { shared, asked, clock } = reads(60);
  const places = [place(3), place(5), place(30), place(60, 0), { ...place(50), time: 7 }, { ...place(40), seq: 124 }];
  const answers = Promise.all(places.map((after) => shared.read(after, 300)));
  await clock.settle();
  expect(await answers).toEqual(places.map((after) => answerTo(after, 300, 60)));
  expect(asked.length).toBeLessThanOrEqual(4);
});

test("who comes while one is read shares the next, and a log out of reach is told to all", async () => {
  const { clock } = new House();
  const answer: ((error: unknown) => void)[] = [];
  const log = { read: () => new Promise<ReadAnswer>((_, reject) => answer.push(reject)) };
  const shared = new SharedReads(key, log, clock);
  const outcomes: string[] = [];
  const ask = (i: number): void => {
    shared.read(place(i), 300).catch((error: Error) => outcomes.push(`${i} ${error.name}`));
  };
  ask(1);
  ask(2);
  await clock.settle();
  ask(3);
  ask(4);
  await clock.settle();
  expect(answer).toHaveLength(1);
  answer[0]?.(new Unreachable("away"));
  await clock.settle();
  expect(answer).toHaveLength(2);
  answer[1]?.(new Unreachable("away"));
  await clock.settle();
  expect(outcomes).toEqual(["1 Unreachable", "2 Unreachable", "3 Unreachable", "4 Unreachable"]);
});
