import { VirtualClock } from "@heliograph/core/memory";
import { beforeEach, expect, test } from "vitest";
import { Mailbox } from "./mailbox.ts";

let clock: VirtualClock;
let handled: string[];
let overflown: number;
let answer: Promise<void> | undefined;

beforeEach(() => {
  clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  handled = [];
  overflown = 0;
  answer = undefined;
});

function mailbox(capBytes = 1_000): Mailbox {
  return new Mailbox({
    clock,
    capBytes,
    handle: (bytes) => {
      handled.push(Buffer.from(bytes).toString());
      return answer;
    },
    overflow: () => {
      overflown += 1;
    },
  });
}

test("[spreed 11] of 60 frames at once 20 are dealt with each second, all of them, in order", async () => {
  const box = mailbox();
  const all = Array.from({ length: 60 }, (_, i) => `${i}`);
  for (const each of all) box.receive(Buffer.from(each));
  const seen: number[] = [];
  for (let second = 0; second < 3; second += 1) {
    seen.push(handled.length);
    await clock.advance(1_000);
  }
  expect(seen).toEqual([20, 40, 60]);
  expect(handled).toEqual(all);
  expect([overflown, clock.timers]).toEqual([0, 0]);
});

test("the window slides: who is slower than 20 a second never waits", async () => {
  const box = mailbox();
  for (let i = 0; i < 100; i += 1) {
    box.receive(Buffer.from(`${i}`));
    expect(handled).toHaveLength(i + 1);
    await clock.advance(51);
  }
});

test("the next frame waits for the one that is being dealt with, and was copied meanwhile", async () => {
  const box = mailbox();
  let done = (): void => undefined;
  answer = new Promise((resolve) => {
    done = resolve;
  });
  box.receive(Buffer.from("first"));
  const buffer = Buffer.from("second");
  box.receive(buffer);
  buffer.fill("x");
  answer = undefined;
  await clock.settle();
  expect(handled).toEqual(["first"]);
  done();
  await clock.settle();
  expect(handled).toEqual(["first", "second"]);
});

test("what waits is bounded in bytes, and nothing is dealt with behind the end", async () => {
  const box = mailbox(10);
  for (let i = 0; i < 20; i += 1) box.receive(Buffer.from("."));
  box.receive(Buffer.alloc(100, "x"));
  expect(overflown).toBe(0);
  box.receive(Buffer.from("one more"));
  expect(overflown).toBe(1);
  box.end();
  box.receive(Buffer.from("late"));
  await clock.advance(5_000);
  expect(handled).toHaveLength(20);
  expect(clock.timers).toBe(0);
});
