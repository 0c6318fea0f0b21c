import { expect, test } from "vitest";
import { type Journals, judge, type Said } from "./judge.ts";

/** Three in a room; ann says 1 to all and 2 to bob, cid says 3 to all. */
function journals(change: { acknowledged?: boolean; ann?: number[]; bob?: number[]; cid?: number[] } = {}): Journals {
  const { acknowledged = true, ann = [3], bob = [1, 2, 3], cid = [1] } = change;
  const said: Said[] = [
    { number: 1, from: "ann", room: "r", acknowledged },
    { number: 2, from: "ann", room: "r", to: "bob", acknowledged },
    { number: 3, from: "cid", room: "r", acknowledged },
  ];
  return {
    said,
    rooms: new Map([["r", ["ann", "bob", "cid"]]]),
    heard: new Map(Object.entries({ ann, bob, cid })),
  };
}

test("a conversation in which everyone heard what was meant for them is whole", () => {
  expect(judge(journals())).toEqual({
    said: 3,
    acknowledged: 3,
    lost: 0,
    lostDeliveries: 0,
    doubled: 0,
    disagreements: 0,
  });
});

test("an acknowledged message that one addressee missed is lost once", () => {
  expect(judge(journals({ cid: [] }))).toMatchObject({ lost: 1, lostDeliveries: 1 });
});

test("a message that two addressees missed is one message and two deliveries", () => {
  expect(judge(journals({ bob: [2, 3], cid: [] }))).toMatchObject({ lost: 1, lostDeliveries: 2 });
});

test("what nobody acknowledged may be missing", () => {
  expect(judge(journals({ acknowledged: false, bob: [], cid: [] }))).toMatchObject({ acknowledged: 0, lost: 0 });
});

test("what was heard twice is told", () => {
  expect(judge(journals({ bob: [1, 2, 1, 3] }))).toMatchObject({ doubled: 1, disagreements: 0 });
});

test("two members who heard the same in different orders are told", () => {
  expect(judge(journals({ ann: [3], bob: [2, 3, 1], cid: [1] }))).toMatchObject({ disagreements: 0 });
  const said: Said[] = [1, 2].map((number) => ({ number, from: "ann", room: "r", acknowledged: true }));
  const heard = new Map([
    ["bob", [1, 2]],
    ["cid", [2, 1]],
  ]);
  expect(judge({ said, rooms: new Map([["r", ["ann", "bob", "cid"]]]), heard })).toMatchObject({ disagreements: 1 });
});
