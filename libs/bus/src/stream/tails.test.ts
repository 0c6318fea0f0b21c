// Tails come from a replica that is known to be current, however many rooms ask and however the stream began anew.
import { Unreachable } from "@heliograph/core";
import { VirtualClock } from "@heliograph/core/memory";
import { expect, test } from "vitest";
import type { StoredMessage } from "./direct-gets.ts";
import { Tails } from "./tails.ts";

const marker = "hg.in.0._proof.here";

function stage(latest: number) {
  const clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  /** What the replica that answers has stored last, by subject. */
  const stored = new Map<string, number>();
  const asked: (readonly string[])[] = [];
  const markers = {
    subject: marker,
    latest,
    proofs: 0,
    prove: () => {
      markers.proofs += 1;
    },
  };
  const gets = {
    lasts: async (_: number, subjects: readonly string[]): Promise<readonly StoredMessage[]> => {
      asked.push(subjects);
      return subjects.flatMap((subject) => {
        const seq = stored.get(subject);
        return seq === undefined ? [] : [{ subject, seq, time: 1000 + seq, payload: new Uint8Array(0) }];
      });
    },
  };
  const settled = async <T>(promise: Promise<T>): Promise<T> => {
    let done = false;
    const note = (): void => {
      done = true;
    };
    promise.then(note, note);
    if (!(await clock.runUntil(() => done))) throw new Error("it never ended");
    return promise;
  };
  return { clock, stored, asked, markers, gets, settled, tails: new Tails(0, gets, markers, clock) };
}

test("a replica without our last marker is not believed", async () => {
  const { clock, stored, asked, settled, tails } = stage(50);
  stored.set("room", 10).set(marker, 40);
  const asking = tails.of("room");
  await clock.advance(100);
  expect(asked.length).toBeGreaterThan(1);
  stored.set("room", 49).set(marker, 50);
  expect(await settled(asking)).toEqual({ seq: 49, time: 1049 });
});

test("rooms that ask in one turn are asked for in one question, and one without entries has no tail", async () => {
  const { stored, asked, settled, tails } = stage(5);
  stored.set(marker, 5).set("a", 3).set("b", 4);
  expect(await settled(Promise.all([tails.of("a"), tails.of("b"), tails.of("c")]))).toEqual([
    { seq: 3, time: 1003 },
    { seq: 4, time: 1004 },
    undefined,
  ]);
  expect(asked).toEqual([[marker, "a", "b", "c"]]);
});

test("before the first marker any replica is asked", async () => {
  const { stored, settled, tails } = stage(0);
  stored.set("room", 3);
  expect(await settled(tails.of("room"))).toEqual({ seq: 3, time: 1003 });
});

test("in a stream that began anew a new marker is asked for, since the old one will never come", async () => {
  const { clock, stored, markers, settled, tails } = stage(5000);
  stored.set("room", 2);
  const asking = tails.of("room");
  await clock.advance(1000);
  expect(markers.proofs).toBeGreaterThan(0);
  markers.latest = 7;
  stored.set(marker, 7);
  expect(await settled(asking)).toEqual({ seq: 2, time: 1002 });
});

test("replicas that never catch up are out of reach", async () => {
  const { settled, tails } = stage(9);
  await expect(settled(tails.of("room"))).rejects.toBeInstanceOf(Unreachable);
});
