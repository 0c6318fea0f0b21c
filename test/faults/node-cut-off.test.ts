// One node is cut off from NATS, from Redis or from both, while clients still reach it.
import { expect } from "vitest";
import { fault } from "./fault.ts";
import { Guest } from "./guest.ts";
import type { RunningEdge } from "./house.ts";
import { edgesOf } from "./room.ts";
import { Talk } from "./talk.ts";
import { within } from "./within.ts";

for (const how of ["cut", "blackhole"] as const) {
  for (const both of [false, true]) {
    const what = `a node cut off from ${both ? "NATS and Redis" : "NATS"} (${how === "cut" ? "closed" : "silent"})`;
    fault(
      what,
      { beside: true, expected: /^nats (connection|stream HG_\d: .*temporarily unavailable)/ },
      async (house, measured) => {
        const [east, west] = await edgesOf(house, 2);
        const ann = await house.member([east, west], "tea");
        const bob = await house.member([west], "tea");
        // Stays where it is, as no SDK would: the node itself must not let it speak.
        const stale = await Guest.joined(east, "tea");
        const talk = new Talk([ann, bob]);
        await talk.goesOn(10_000);
        const began = performance.now();
        await cutOff(east, how, both);
        // A number that its successor does not use: nothing but the epoch tells that it speaks no more.
        stale.client.send({ type: "broadcast", n: 7, room: "tea", body: "from the old one" });
        await stale.client.next("degraded");
        measured("degraded after", performance.now() - began);
        await within(8_000 - (performance.now() - began), "the SDK speaks on the other node", () => {
          return house.nodesOf(ann).at(-1) === west.id;
        });
        await talk.goesOn(8_000 - (performance.now() - began), 1);
        measured("the SDK speaks elsewhere after", performance.now() - began);
        const moved = await Guest.at(west);
        const { token } = stale;
        expect(await moved.resume(token, 2, [{ room: "tea", position: stale.position("tea") }])).toMatchObject([
          { type: "resumed", verdict: "complete" },
        ]);
        expect(await moved.say({ type: "broadcast", n: 1, room: "tea", body: "from the new one" })).toMatchObject({
          type: "ack",
        });
        await within(5_000, "bob hears the new one", () => bob.lines.includes("from the new one"));
        expect(ann.states).toStrictEqual([]);

        await mend(east);
        expect(await stale.client.closed()).toBe(4004);
        await talk.goesOn(8_000);
        await within(5_000, "the node is whole again", () => east.edge.health.missing().length === 0);
        moved.leaves();
        await talk.hush();
        for (const { lines } of [ann, bob]) {
          expect(lines).not.toContain("from the old one");
          expect(lines.filter((line) => line === "from the new one")).toHaveLength(1);
          lines.splice(lines.indexOf("from the new one"), 1);
        }
        await talk.judge();
        expect([...ann.gaps, ...bob.gaps]).toStrictEqual([]);
        expect(house.seen("digest_alarm")).toStrictEqual([]);
      },
    );
  }
}

for (const how of ["cut", "blackhole"] as const) {
  fault(
    `a node cut off from Redis (${how === "cut" ? "closed" : "silent"})`,
    { beside: true },
    async (house, measured) => {
      const [east, west] = await edgesOf(house, 2);
      const ann = await house.member([east, west], "tea");
      const bob = await house.member([west], "tea");
      const guest = await Guest.joined(east, "tea");
      const told = () => guest.frames.filter(({ type }) => type === "degraded").map(({ missing }) => missing);
      const talk = new Talk([ann, bob]);
      await talk.goesOn(10_000);
      const began = performance.now();
      await east.footing.memory[how]();
      await within(8_000, "its clients are told", () => told().length > 0);
      measured("degraded after", performance.now() - began);
      await within(8_000 - (performance.now() - began), "the SDK has moved", () => {
        return house.nodesOf(ann).at(-1) === west.id;
      });
      measured("the SDK has moved after", performance.now() - began);
      // Rooms that another node hosts can be joined here; only what nobody hosts cannot be known.
      const late = await Guest.joined(east, "tea");
      expect(await late.join("nobody")).toMatchObject({ type: "refused", reason: "unavailable", retry: true });
      await talk.goesOn(8_000);
      expect(told()).toStrictEqual([["memory"]]);
      await east.footing.memory.mend();
      measured("whole again after", await within(5_000, "its clients are told", () => told().length > 1));
      expect(told()).toStrictEqual([["memory"], []]);
      expect(await guest.join("nobody")).toMatchObject({ type: "joined" });
      late.leaves();
      guest.leaves();
      await talk.judge();
      measured("longest without an answer", talk.longestSilence);
      expect(talk.longestSilence).toBeLessThan(1_000);
      expect([ann, bob].flatMap(({ gaps, states }) => [...gaps, ...states])).toStrictEqual([]);
    },
  );
}

async function cutOff({ footing }: RunningEdge, how: "cut" | "blackhole", both: boolean): Promise<void> {
  await footing.log[how]();
  if (both) await footing.memory[how]();
}

async function mend({ footing }: RunningEdge): Promise<void> {
  await footing.log.mend();
  await footing.memory.mend();
}
