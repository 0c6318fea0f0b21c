// A node is killed under load, then all hosts of a room at once: nothing is lost or doubled, and who stays away is told.
import { expect } from "vitest";
import { clusterFault, grace } from "./cluster-fault.ts";
import { Guest } from "./guest.ts";
import { Talk } from "./talk.ts";
import { changesOf } from "./told.ts";
import { within } from "./within.ts";

clusterFault("SIGKILL of a node under load", { nats: 3 }, async (village, measured) => {
  const [east, west, south] = [village.edge(0), village.edge(1), village.edge(2)];
  const members = [
    await village.member([east, west], "tea"),
    await village.member([east, south], "tea", { speaks: "msgpack" }),
    await village.member([west, south], "tea"),
    await village.member([south, west], "tea"),
  ];
  // Does not come back by itself: what its peers are told of it is the node's death alone.
  const guest = await Guest.joined(east, "tea");
  const talk = new Talk(members);
  await talk.goesOn(10_000, 20);
  await east.kill();
  const began = performance.now();
  await within(8_000, "both have resumed", () =>
    members.slice(0, 2).every((member) => village.nodesOf(member).length === 2),
  );
  measured("clients of the dead node resume after", performance.now() - began);
  const rest = members.slice(2);
  await within(8_000 - (performance.now() - began), "the others see the guest away", () =>
    rest.every((member) => changesOf(guest.id, member).at(-1) === "away"),
  );
  measured("away after", performance.now() - began);
  await within(grace + 5_000, "the guest has left", () =>
    rest.every((member) => changesOf(guest.id, member).at(-1) === "left"),
  );
  await talk.goesOn(10_000, 20);
  await talk.judge();
  measured("longest without an answer", talk.longestSilence);
  expect(members.flatMap(({ gaps }) => gaps)).toStrictEqual([]);
  for (const member of rest) {
    expect(changesOf(guest.id, member)).toStrictEqual(["joined", "away", "left"]);
    for (const moved of members.slice(0, 2)) expect(changesOf(moved.room.self, member)).not.toContain("left");
  }
});

clusterFault("all hosts of a room die at once", {}, async (village, measured) => {
  const [east, west, south] = [village.edge(0), village.edge(1), village.edge(2)];
  const members = [
    await village.member([east, south], "tea"),
    await village.member([west, south], "tea"),
    await village.member([east, south], "tea"),
  ];
  await members[0]?.room.set({ pin: "4711" });
  await members[0]?.room.setData("topic", "cake");
  const talk = new Talk(members);
  await talk.goesOn(10_000, 20);
  await Promise.all([east.kill(), west.kill()]);
  const began = performance.now();
  await within(8_000, "everybody has resumed", () => members.every((member) => village.nodesOf(member).length === 2));
  await talk.goesOn(8_000 - (performance.now() - began), 1);
  measured("everybody talks again after", performance.now() - began);
  await talk.goesOn(10_000, 20);
  const stranger = await Guest.welcomed(south);
  expect(await stranger.join("tea")).toMatchObject({ type: "refused", reason: "pin_required" });
  stranger.leaves();
  await talk.judge();
  expect(members.flatMap(({ gaps }) => gaps)).toStrictEqual([]);
  for (const { room } of members) {
    expect(room.members.size).toBe(3);
    expect(room.data.get("topic")?.value).toBe("cake");
  }
});
