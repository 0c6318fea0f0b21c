// A node that was paused wakes after its sessions have moved: what it says for them counts for nobody.
import { expect } from "vitest";
import { Wire } from "../kit/wire.ts";
import { clusterFault, grace } from "./cluster-fault.ts";
import { Guest } from "./guest.ts";
import { Talk } from "./talk.ts";
import { changesOf } from "./told.ts";
import { within } from "./within.ts";

clusterFault("a paused node wakes after its sessions moved", {}, async (village, measured) => {
  const [east, west] = [village.edge(0), village.edge(1)];
  const wire = await Wire.to(east.port);
  const through = { url: `ws://127.0.0.1:${wire.port}/v1/socket` };
  const ann = await village.member([through, west], "tea");
  const bob = await village.member([west], "tea");
  const moves = await Guest.joined(east, "tea");
  const stays = await Guest.joined(east, "tea");
  const talk = new Talk([ann, bob]);
  await talk.goesOn(10_000);

  east.pause();
  const began = performance.now();
  // Lies in the buffers of the machine, and will be read by a node that knows nothing of what happened meanwhile.
  moves.client.send({ type: "broadcast", n: 7, room: "tea", body: "from the old one" });
  wire.cutAll();
  await within(8_000, "the SDK has moved", () => village.nodesOf(ann).length === 2);
  const moved = await Guest.at(west);
  const [answer] = await moved.resume(moves.token, 2, [{ room: "tea", position: moves.position("tea") }]);
  expect(answer).toMatchObject({ type: "resumed", verdict: "complete" });
  expect(await moved.say({ type: "broadcast", n: 1, room: "tea", body: "from the new one" })).toMatchObject({
    type: "ack",
  });
  await within(8_000, "who stayed is away", () => changesOf(stays.id, bob).at(-1) === "away");
  measured("away after", performance.now() - began);
  await talk.goesOn(10_000);

  east.wake();
  const woke = performance.now();
  expect(await moves.client.closed()).toBe(4004);
  measured("the old connection is closed after the waking", performance.now() - woke);
  await within(grace, "who stayed is back", () => changesOf(stays.id, bob).at(-1) === "back");
  measured("who stayed is back after the waking", performance.now() - woke);
  expect(await stays.say({ type: "broadcast", n: 1, room: "tea", body: "still here" })).toMatchObject({ type: "ack" });
  await talk.goesOn(10_000);
  expect(changesOf(moves.id, bob)).not.toContain("left");
  for (const guest of [moved, stays]) guest.leaves();
  await talk.hush();
  await within(5_000, "both have heard the guests", () =>
    [ann, bob].every(({ lines }) => lines.includes("still here") && lines.includes("from the new one")),
  );
  for (const { lines } of [ann, bob]) {
    expect(lines).not.toContain("from the old one");
    expect(lines.filter((line) => line === "from the new one")).toHaveLength(1);
    const guests = ["from the new one", "still here"];
    lines.splice(0, lines.length, ...lines.filter((line) => !guests.includes(String(line))));
  }
  await talk.judge();
  expect([...ann.gaps, ...bob.gaps]).toStrictEqual([]);
  await wire.end();
});
