import { Unreachable } from "@heliograph/core";
import { SeededRandom, VirtualClock } from "@heliograph/core/memory";
import { expect, test } from "vitest";
import type { StreamFacts } from "./api.ts";
import { EarlyLosses } from "./early-losses.ts";

const maxAge = 300_000;

/** Two streams, each of which keeps what it stored from `first` on, a bundle a second. */
function stage() {
  const clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  const began = clock.now();
  const streams: { first: number; last: number; silent: boolean }[] = [0, 1].map(() => ({
    first: 1,
    last: 0,
    silent: false,
  }));
  const timeOf = (seq: number): number => began + seq * 1_000;
  const lost: (readonly [shard: number, bundles: number, reach: number])[] = [];
  const info = async (shard: number): Promise<StreamFacts> => {
    const stream = streams[shard];
    if (stream === undefined || stream.silent) throw new Unreachable("silent");
    const { first, last } = stream;
    const [firstTime, lastTime] = first > last ? [undefined, undefined] : [timeOf(first), timeOf(last)];
    return { config: {}, firstSeq: first, lastSeq: last, firstTime, lastTime, now: clock.now() };
  };
  const losses = new EarlyLosses({
    api: { info },
    clock,
    random: new SeededRandom(1),
    shards: 2,
    maxAge,
    lost: (...each) => void lost.push(each),
  });
  return { clock, streams, lost, losses };
}

test("a stream that keeps its entries as long as it should, busy or idle, says nothing", async () => {
  const { clock, streams, lost } = stage();
  const [busy, idle] = streams;
  if (busy === undefined || idle === undefined) throw new Error("two streams");
  idle.last = 5;
  for (let second = 1; second <= 900; second += 1) {
    busy.last = second;
    busy.first = Math.max(1, second - maxAge / 1_000);
    if (second > 306) idle.first = 6;
    await clock.advance(1_000);
  }
  expect(lost).toStrictEqual([]);
});

test("a full stream says how much it dropped and how far it still reaches; one that cannot be asked says it later", async () => {
  const { clock, streams, lost, losses } = stage();
  const [, full] = streams;
  if (full === undefined) throw new Error("two streams");
  full.last = 60;
  await clock.advance(60_000);
  full.silent = true;
  full.first = 41;
  await clock.advance(40_000);
  expect(lost).toStrictEqual([]);
  full.silent = false;
  await clock.advance(20_000);
  expect(lost.map(([shard, bundles]) => [shard, bundles])).toStrictEqual([[1, 40]]);
  // The 41st is of second 41, and it is two minutes later than the first.
  expect(lost[0]?.[2]).toBeGreaterThan(55_000);
  expect(lost[0]?.[2]).toBeLessThan(80_000);
  losses.end();
  full.first = 61;
  await clock.advance(60_000);
  expect(lost).toHaveLength(1);
});
