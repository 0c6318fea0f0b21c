import { expect, test } from "vitest";
import { ManualClock } from "../dev/manual-clock.ts";
import { Notices } from "./notices.ts";

test("news goes by itself, a question stays until it is answered", () => {
  const clock = new ManualClock();
  const notices = new Notices(clock);
  notices.tell("Bob joined");
  notices.ask("Ann asked you to mute", { label: "Unmute", run: () => undefined });
  clock.advance(60_000);
  expect(notices.shown.value.map((notice) => notice.says)).toEqual(["Ann asked you to mute"]);
  notices.dismiss(notices.shown.value[0]?.id ?? 0);
  expect(notices.shown.value).toEqual([]);
});

test("the same news twice takes one place, and a flood keeps the newest", () => {
  const notices = new Notices(new ManualClock());
  for (const name of ["Ann", "Ann", "Bob", "Cid", "Dan", "Eve"]) notices.tell(`${name} joined`);
  expect(notices.shown.value.map((notice) => notice.says)).toEqual([
    "Bob joined",
    "Cid joined",
    "Dan joined",
    "Eve joined",
  ]);
});

test("the same words whispered twice are read twice", () => {
  const notices = new Notices(new ManualClock());
  notices.whisper("copied");
  const first = notices.whispered.value;
  notices.whisper("copied");
  expect(notices.whispered.value).not.toBe(first);
});
