import { expect, test } from "vitest";
import { pauseAfter } from "./pause.ts";

const edges = [0, 0.999_999];
const pauses = (outcome: Parameters<typeof pauseAfter>[0], failures: number) =>
  edges.map((fraction) => pauseAfter(outcome, failures, fraction));

test("[turn 15] three failures of the service are followed by half a second to one, one to two, two to four", () => {
  const failed = { class: "transient", why: "status 500" } as const;
  expect(pauses(failed, 1)).toEqual([500, 1_000]);
  expect(pauses(failed, 2)).toEqual([1_000, 2_000]);
  expect(pauses(failed, 3)).toEqual([2_000, 4_000]);
});

test("the pause stops growing at a minute, however long the service is away", () => {
  for (const failures of [7, 8, 40, 2_000_000_000]) {
    expect(pauses({ class: "bad", why: "not JSON" }, failures)).toEqual([30_000, 60_000]);
  }
});

test("[turn 15] after a refusal nobody asks for 300 s, whatever chance says", () => {
  for (const failures of [1, 2, 50]) {
    expect(pauses({ class: "refused", why: "status 401" }, failures)).toEqual([300_000, 300_000]);
  }
});

test("[turn 15] a service that names its pause gets it exactly, up to ten minutes", () => {
  expect(pauses({ class: "throttled", why: "status 429", wait: 120_000 }, 5)).toEqual([120_000, 120_000]);
  expect(pauses({ class: "throttled", why: "status 429", wait: 86_400_000 }, 1)).toEqual([600_000, 600_000]);
  expect(pauses({ class: "throttled", why: "status 429", wait: 1 }, 1)).toEqual([1_000, 1_000]);
});

test("a service that says slow down and no more is left alone for half a minute, then a minute", () => {
  expect(pauses({ class: "throttled", why: "status 429" }, 1)).toEqual([15_000, 30_000]);
  expect(pauses({ class: "throttled", why: "status 429" }, 2)).toEqual([30_000, 60_000]);
  expect(pauses({ class: "throttled", why: "status 429" }, 3)).toEqual([30_000, 60_000]);
});
