// The message plane is gone for longer than its log keeps anything: what was said before has aged out, and who may have
// missed something is told so. Nothing else is lost, and everybody goes on.
import { OutcomeUnknown } from "@heliograph/client";
import { expect } from "vitest";
import type { Row } from "./fault.ts";
import { fault } from "./fault.ts";
import { besides } from "./outage.ts";
import { edgesOf } from "./room.ts";
import { Talk } from "./talk.ts";
import { within } from "./within.ts";

/** Of clients, and what the log keeps by that, 2.5 times as long: milliseconds. */
const window = 15_000;
const outage = 3 * window;

export function natsOutlasted(row: Row): void {
  const settings = { LIMITS_WINDOW: `${window / 1_000}s` };
  fault("NATS gone for longer than the log lasts", { timeout: outage + besides, settings, ...row }, play);
}

const play: Parameters<typeof fault>[2] = async (house, measured) => {
  const [east, west] = await edgesOf(house, 2);
  const members = [
    await house.member([east, west], "tea"),
    await house.member([west, east], "tea", { speaks: "msgpack" }),
    await house.member([west, east], "tea"),
  ];
  await members[0]?.room.set({ pin: "4711" });
  const talk = new Talk(members);
  await talk.goesOn(10_000);
  const quiet = await house.member([east, west], "still");

  await house.ground.log.cut();
  const began = performance.now();
  await within(outage + 5_000, "the outage is over", () => performance.now() - began > outage);
  await house.ground.log.mend();
  const healed = performance.now();
  await talk.goesOn(5_000, 1);
  measured("everybody is answered after", performance.now() - healed);
  await within(5_000, "everybody is told", () => members.every(({ gaps }) => gaps.length > 0));
  for (const { gaps, room } of members) {
    expect(gaps).toMatchObject([{ reason: "too_old" }]);
    expect(room.members.size).toBe(3);
    expect(room.settings.pin).toBe(true);
  }
  await talk.goesOn(10_000);
  await talk.judge({ gaps: true });
  // Nobody spoke there: whoever speaks first finds that the log no longer reaches back, and cannot be told of the outcome.
  await quiet.room.setData("found", "it").catch((error: unknown) => expect(error).toBeInstanceOf(OutcomeUnknown));
  await quiet.room.setData("still", "here");
  expect(house.seen("digest_alarm")).toStrictEqual([]);
};
