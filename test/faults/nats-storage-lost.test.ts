// Everything that NATS has stored is lost, and it begins again empty: rooms live on, and clients know what they missed.
import { OutcomeUnknown } from "@heliograph/client";
import { expect } from "vitest";
import { fault } from "./fault.ts";
import { Guest } from "./guest.ts";
import { RealGround } from "./real-ground.ts";
import { edgesOf } from "./room.ts";
import { Talk } from "./talk.ts";
import { within } from "./within.ts";

const row = {
  ground: () => RealGround.start({ nats: 3 }),
  expected: /^nats (connection|stream HG_\d: .*temporarily unavailable)/,
  timeout: 90_000,
};

fault("NATS storage lost", row, async (house, measured) => {
  const [east, west, south] = await edgesOf(house, 3);
  const members = [
    await house.member([east, west], "tea"),
    await house.member([west, south], "tea"),
    await house.member([south, east], "tea"),
  ];
  const quiet = await house.member([east], "still");
  await members[0]?.room.set({ pin: "4711" });
  await members[0]?.room.setData("topic", "cake");
  const talk = new Talk(members);
  await talk.goesOn(10_000);
  const before = members.map(({ lines }) => lines.length);

  await house.ground.loseLog();
  const began = performance.now();
  await talk.goesOn(5_000, 1);
  await within(5_000 - (performance.now() - began), "everybody is told", () =>
    members.every(({ gaps }) => gaps.length > 0),
  );
  measured("told and talking after", performance.now() - began);
  for (const { gaps } of members) expect(gaps).toMatchObject([{ reason: "log_restarted" }]);
  for (const { room } of members) {
    expect(room.members.size).toBe(3);
    expect(room.data.get("topic")?.value).toBe("cake");
    expect(room.settings.pin).toBe(true);
  }
  // Nobody spoke there: whoever speaks first finds the new log.
  // What was under way as that was found is in doubt, and its author is told so; what comes after it is not.
  await quiet.room.setData("found", "it").catch((error: unknown) => expect(error).toBeInstanceOf(OutcomeUnknown));
  await quiet.room.setData("still", "here");
  const dan = await Guest.welcomed(west);
  expect(await dan.join("tea")).toMatchObject({ type: "refused", reason: "pin_required" });
  expect(await dan.join("tea", "4711")).toMatchObject({ type: "joined" });
  dan.leaves();
  await talk.goesOn(5_000);
  await talk.judge({ gaps: true });
  members.forEach(({ lines }, at) => {
    expect(lines.length).toBeGreaterThan(before[at] ?? 0);
  });
  expect(house.seen("digest_alarm")).toStrictEqual([]);
});
