import { expect, test } from "vitest";
import { nodeNamed } from "../test-kit/story.ts";
import { Backlog } from "./backlog.ts";
import { Lane } from "./lane.ts";
import { VirtualClock } from "./memory/mod.ts";
import type { Log } from "./ports/log.ts";
import { adoptEntry } from "./proposals.ts";
import { member } from "./room/cast.ts";
import type { Entry } from "./room/entry.ts";
import { body, epoch, Tale, taleKey } from "./room/tale.ts";
import { defaultSettings } from "./settings.ts";

/** A room with as much in it as values may hold. */
function fullRoom(): Tale {
  const tale = new Tale();
  tale.joinAll("a", "b");
  for (let i = 0; i < 16; i += 1) tale.data("a", `k${i}`, { value: body(65_536) });
  return tale;
}

test("a large state goes alone, and what was said around it before and after", async () => {
  const clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  const appended: (readonly Entry[])[] = [];
  const append: Log["append"] = (_room, bundle) => {
    appended.push(bundle);
    return Promise.resolve({ seq: appended.length, index: 0, time: 0 });
  };
  const log = { append } as Log;
  const backlog = new Backlog();
  const host = {
    members: () => 2,
    isNew: () => false,
    appended: () => undefined,
    unanswered: () => undefined,
    tooLarge: () => undefined,
  };
  const lane = new Lane(
    taleKey(),
    { log, clock, settings: defaultSettings, observer: { observe: () => undefined } },
    backlog,
    host,
  );
  const said = (n: number): Entry => ({ kind: "broadcast", from: member("a"), epoch: epoch(1), n, body: body(10) });
  const adopt = adoptEntry(nodeNamed("east"), fullRoom().room.toCopy());
  for (const entry of [said(1), said(2), adopt, said(3)]) lane.push(entry);
  expect(backlog.bytes).toBeGreaterThan(1_048_576);
  await clock.advance(10);
  expect(appended.map((bundle) => bundle.map(({ kind }) => kind))).toEqual([
    ["broadcast", "broadcast"],
    ["adopt"],
    ["broadcast"],
  ]);
  expect(backlog.bytes).toBe(0);
});

test("what a crowd says goes in small bundles, so that no host tells all of it in one turn", async () => {
  const clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  const sizes = async (members: number, entries: readonly Entry[]): Promise<readonly number[]> => {
    const appended: number[] = [];
    const append: Log["append"] = (_room, bundle) => {
      appended.push(bundle.length);
      return Promise.resolve({ seq: appended.length, index: 0, time: 0 });
    };
    const lane = new Lane(
      taleKey(),
      { log: { append } as Log, clock, settings: defaultSettings, observer: { observe: () => undefined } },
      new Backlog(),
      {
        members: () => members,
        isNew: () => false,
        appended: () => undefined,
        unanswered: () => undefined,
        tooLarge: () => undefined,
      },
    );
    for (const entry of entries) lane.push(entry);
    await clock.advance(1_000);
    return appended;
  };
  const said = (n: number): Entry => ({ kind: "broadcast", from: member("a"), epoch: epoch(1), n, body: body(10) });
  const many = Array.from({ length: 25 }, (_, n) => said(n + 1));
  expect(await sizes(4, many)).toEqual([25]);
  expect(await sizes(1_000, many)).toEqual([10, 10, 5]);
  // What one member is told costs the same in a crowd.
  const signals = many.map(
    (entry): Entry => (entry.kind === "broadcast" ? { ...entry, kind: "signal", to: member("b") } : entry),
  );
  expect(await sizes(1_000, signals)).toEqual([25]);
  expect(await sizes(1_000, [...signals, ...many])).toEqual([35, 10, 5]);
  // However many there are, it goes on.
  expect(await sizes(1_000_000, many)).toEqual([8, 8, 8, 1]);
});

test("a state that is adopted is the same without what it will not remember", () => {
  const [one, other] = [fullRoom(), fullRoom()];
  const copy = one.room.toCopy();
  one.tell({ kind: "adopt", by: nodeNamed("east"), copy });
  other.tell(adoptEntry(nodeNamed("east"), copy));
  expect(other.room.toCopy()).toEqual(one.room.toCopy());
  expect(other.room.digest()).toBe(one.room.digest());
});
