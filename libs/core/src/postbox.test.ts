import type { RoomKey } from "@heliograph/protocol";
import { personalRoom, roomKey } from "@heliograph/protocol";
import { expect, test } from "vitest";
import { nodeNamed, realm } from "../test-kit/story.ts";
import { Backlog } from "./backlog.ts";
import { VirtualClock } from "./memory/mod.ts";
import type { Log } from "./ports/log.ts";
import { Unreachable } from "./ports/unreachable.ts";
import { Postbox } from "./postbox.ts";
import { session } from "./room/cast.ts";
import { defaultSettings } from "./settings.ts";

const letter = (word: number) => ({ codec: "json" as const, bytes: new Uint8Array([word]) });

/** A log whose servers answer when they are told to. */
function boxOf() {
  const clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  const asked: { readonly room: RoomKey; readonly words: readonly number[]; answer(): void; fail(): void }[] = [];
  const append: Log["append"] = (room, bundle) =>
    new Promise((resolve, reject) => {
      const words = bundle.map((entry) => (entry.kind === "letter" ? (entry.body.bytes[0] ?? 0) : -1));
      asked.push({
        room,
        words,
        answer: () => resolve({ seq: asked.length, index: 0, time: 0 }),
        fail: () => reject(new Unreachable("gone")),
      });
    });
  const stored: RoomKey[] = [];
  const backlog = new Backlog();
  const world = {
    id: nodeNamed("east"),
    log: { append } as Log,
    clock,
    settings: { ...defaultSettings, laneBytes: 1_000 },
    observer: { observe: () => undefined },
  };
  const box = new Postbox(world, backlog, (room) => stored.push(room));
  const post = (to: string, word: number) => box.post(realm, session(to), undefined, letter(word));
  return { clock, asked, stored, backlog, box, post };
}

test("of the letters to one session one append is in flight, and what is written meanwhile goes as the next", async () => {
  const { clock, asked, stored, backlog, box, post } = boxOf();
  for (const word of [1, 2]) post("a", word);
  await clock.advance(1);
  for (const word of [3, 4]) post("a", word);
  post("b", 5);
  await clock.advance(100);
  expect(asked.map(({ words }) => words)).toEqual([[1, 2], [5]]);
  for (const one of asked) one.answer();
  await clock.advance(1);
  expect(asked.map(({ words }) => words)).toEqual([[1, 2], [5], [3, 4]]);
  asked.at(-1)?.answer();
  await clock.advance(1_000);
  const [a, b] = ["a", "b"].map((to) => roomKey(realm, personalRoom(session(to))));
  expect(stored).toEqual([a, b, a]);
  expect([box.size, backlog.bytes]).toEqual([0, 0]);
});

test("too much for one session is told, and so is a log that has not answered for long; others are not held up", async () => {
  const { clock, asked, backlog, box, post } = boxOf();
  post("a", 0);
  await clock.advance(1);
  const told = Array.from({ length: 40 }, (_, word) => post("a", word + 1));
  expect(told[0]).toBeUndefined();
  expect(told.at(-1)).toBe("slow_down");
  await clock.advance(12_000);
  expect([post("a", 50), post("b", 51)]).toEqual(["unavailable", undefined]);
  await clock.advance(1);
  for (const one of asked) one.fail();
  await clock.advance(2_000);
  expect([box.size, backlog.bytes]).toEqual([0, 0]);
  expect(post("a", 52)).toBeUndefined();
  box.end();
});
