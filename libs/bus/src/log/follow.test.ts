// A followed room whose live copies come faster than this node deals with them.

import { VirtualClock } from "@heliograph/core/memory";
import type { Position } from "@heliograph/protocol";
import { expect, test } from "vitest";
import type { Delivery } from "../link/nats-link.ts";
import { NatsFollow } from "./follow.ts";
import { Pace } from "./pace.ts";

const utf8 = new TextEncoder();

/** The live copy of bundle `seq`, each of which stands right behind the one before. */
function copy(seq: number): Delivery {
  const time = new Date(1_700_000_000_000 + seq).toISOString();
  const head = `NATS/1.0\r\nNats-Stream: HG_0\r\nNats-Subject: in\r\nNats-Sequence: ${seq}\r\nNats-Time-Stamp: ${time}\r\nNats-Last-Sequence: ${seq - 1}\r\n\r\n`;
  return { subject: "out", reply: "", bytes: utf8.encode(`${head}entries`), headerEnd: head.length };
}

function stage() {
  const clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  const stored: number[] = [];
  const read: (readonly [after: number, upTo: number])[] = [];
  let now = 0;
  let ending: (() => void)[] = [];
  let hear: (delivery: Delivery) => void = () => undefined;
  // Each copy takes longer than a turn has; two of them may wait.
  const pace = new Pace({ now: () => now, endOfTurn: (call) => ending.push(call) }, 2 * copy(1).bytes.length);
  const between = async (_: string, after: Position | undefined, upTo: number) => {
    const from = after?.seq ?? 0;
    read.push([from, upTo]);
    const bundles = Array.from({ length: upTo - from }, (_, i) => {
      const seq = from + 1 + i;
      return { seq, time: 1_700_000_000_000 + seq, entries: [] };
    });
    return { bundles, whole: true as const };
  };
  const follow = new NatsFollow(
    { shard: 0, in: "in", out: "out", host: "host", whisper: "whisper" },
    { stored: ({ seq }) => void stored.push(seq), broken: () => undefined },
    {
      link: {
        state: "up",
        subscribe: (_, call) => {
          hear = call;
          return { end: () => undefined };
        },
      },
      clock,
      pace,
      shard: { markers: { prove: (call) => call(1) }, tails: { of: async () => undefined }, reads: { between } },
      entriesOf: () => {
        now += 10;
        return [];
      },
      ended: () => undefined,
    },
  );
  const turn = (): void => {
    const calls = ending;
    ending = [];
    for (const call of calls) call();
  };
  return { clock, follow, stored, read, turn, hear: (delivery: Delivery) => hear(delivery) };
}

test("copies beyond what may wait are read from the log, once and in order", async () => {
  const { clock, follow, stored, read, turn, hear } = stage();
  follow.start(undefined);
  for (let seq = 1; seq <= 8; seq += 1) hear(copy(seq));
  expect(stored).toStrictEqual([1]);
  for (let i = 0; i < 4; i += 1) turn();
  await clock.advance(200);
  expect(read).toStrictEqual([[3, 8]]);
  expect(stored).toStrictEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  // What comes then is heard as ever.
  hear(copy(9));
  turn();
  expect(stored.at(-1)).toBe(9);
});
