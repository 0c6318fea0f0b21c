// A client goes and never comes back: its peers see it away, and gone, once each.
import { expect } from "vitest";
import { fault } from "./fault.ts";
import { Guest } from "./guest.ts";
import { edgesOf } from "./room.ts";
import { within } from "./within.ts";

const grace = 6_000;
const settings = { LIMITS_GRACE: `${grace}ms` };

fault("a client never comes back", { settings }, async (house, measured) => {
  const [east, west, south] = await edgesOf(house, 3);
  const watchers = [
    await house.member([east], "tea"),
    await house.member([west], "tea"),
    await house.member([south], "tea"),
  ];
  const guest = await Guest.joined(east, "tea");
  const { id } = guest;
  const told = () =>
    watchers.map(({ members }) =>
      members
        .filter((event) => ("member" in event ? event.member.id : "id" in event ? event.id : "") === id)
        .map(({ change }) => change),
    );
  await within(5_000, "everybody sees it", () => told().every((changes) => changes.length === 1));
  guest.client.socket.terminate();
  const began = performance.now();
  await within(2_000, "everybody sees it away", () => told().every((changes) => changes.at(-1) === "away"));
  measured("away after", performance.now() - began);
  await within(grace + 5_000, "everybody sees it leave", () => told().every((changes) => changes.at(-1) === "left"));
  const left = performance.now() - began;
  measured(`left after a grace of ${grace / 1_000} s:`, left);
  expect(left).toBeGreaterThan(grace - 100);
  // Three hosts have looked after it: what the slower ones proposed has come by when everybody has been answered.
  for (const watcher of watchers) await watcher.say("still here");
  expect(told()).toStrictEqual(watchers.map(() => ["joined", "away", "left"]));
});
