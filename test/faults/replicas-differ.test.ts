// A bug makes one host's state another than its room's: an alarm, and one state for all, with what is in doubt told.
import type { Entry, Follower, Log, Stored, World } from "@heliograph/core";
import { expect } from "vitest";
import { fault } from "./fault.ts";
import { edgesOf } from "./room.ts";
import { Talk } from "./talk.ts";
import { within } from "./within.ts";

/** A node that forgets one value while it applies it: its replica and its clients differ from then on. */
function forgetful(world: World): World {
  const spoilt = (entry: Entry): Entry =>
    entry.kind === "data" && entry.key === "poison" ? { ...entry, key: "antidote" } : entry;
  const log: Log = {
    append: (room, bundle) => world.log.append(room, bundle),
    open: (room, bundle) => world.log.open(room, bundle),
    follow: (room, follower: Follower) =>
      world.log.follow(room, {
        stored: (bundle: Stored) => follower.stored({ ...bundle, entries: bundle.entries.map(spoilt) }),
        broken: (why) => follower.broken(why),
      }),
    read: (room, after, upTo) => world.log.read(room, after, upTo),
    tail: (room) => world.log.tail(room),
    first: (room) => world.log.first(room),
    get link() {
      return world.log.link;
    },
    onLink: (listener) => world.log.onLink(listener),
  };
  return { ...world, log };
}

fault("replicas of one room differ", {}, async (house, measured) => {
  const [east, west] = await edgesOf(house, 2);
  const sick = await house.edge({ twist: forgetful });
  const members = [
    await house.member([east], "tea"),
    await house.member([west], "tea"),
    await house.member([sick], "tea"),
  ];
  const talk = new Talk(members);
  await talk.goesOn(10_000);
  await members[0]?.room.setData("poison", "is kept");
  const began = performance.now();
  await within(10_000, "an alarm is raised", () => house.seen("digest_alarm").length > 0);
  measured("alarm after", performance.now() - began);
  await within(10_000 - (performance.now() - began), "everybody is told what is in doubt", () =>
    members.every(({ gaps }) => gaps.length > 0),
  );
  measured("one state for all after", performance.now() - began);
  for (const { gaps } of members) expect(gaps[0]).toMatchObject({ reason: "in_doubt" });
  const values = members.map(({ room }) => [...room.data.keys()]);
  // Either host may be the one whose state is adopted: a majority is not asked.
  for (const keys of values) expect(keys).toStrictEqual(values[0]);
  const alarms = house.seen("digest_alarm").length;
  await members[1]?.room.setData("after", "all");
  await talk.goesOn(10_000);
  await within(15_000, "digests have been compared again", () => {
    expect(house.seen("digest_alarm").length).toBe(alarms);
    return performance.now() - began > 14_000;
  });
  await talk.judge({ gaps: true });
  expect(members.flatMap(({ states }) => states)).not.toContain("closed");
});
