// The whole memory is gone for minutes: whatever is hosted goes on, and only what nobody hosts has to wait.
import { expect } from "vitest";
import { Wire } from "../kit/wire.ts";
import type { Row } from "./fault.ts";
import { fault } from "./fault.ts";
import { Guest } from "./guest.ts";
import { besides, outage } from "./outage.ts";
import { copyStands, edgesOf } from "./room.ts";
import { Talk } from "./talk.ts";
import { within } from "./within.ts";

export function redisGone(row: Row): void {
  fault("Redis gone", { timeout: outage + besides, ...row }, async (house, measured) => {
    const [east, west, south] = await edgesOf(house, 3);
    const wire = await Wire.to(east.edge.port);
    house.after(() => wire.end());
    const ann = await house.member([{ url: `ws://127.0.0.1:${wire.port}/v1/socket` }], "tea");
    const bob = await house.member([west, south], "tea");
    const cat = await house.member([west, south, east], "tea");
    const degraded: unknown[] = [];
    bob.client.on("degraded", ({ missing }) => degraded.push(missing));
    const talk = new Talk([ann, bob, cat]);
    await talk.goesOn(10_000);

    await house.ground.memory.cut();
    const began = performance.now();
    measured("clients are told after", await within(10_000, "clients are told", () => degraded.length > 0));
    await talk.goesOn(5_000);
    // An SDK tries one other node, and stays when that one lacks the memory as well.
    await within(10_000, "the SDKs have looked elsewhere", () => {
      return [bob, cat].every((member) => house.nodesOf(member).length === 2);
    });
    // A join into a hosted room, on a node that hosts it and on one that has to ask.
    const dan = await Guest.joined(west, "tea");
    const fresh = await house.edge();
    const fay = await Guest.joined(fresh, "tea");
    // A resume.
    const connections = house.nodesOf(ann).length;
    wire.cutAll();
    await within(5_000, "ann resumes", () => house.nodesOf(ann).length > connections);
    // A room that nobody hosts.
    const eve = await Guest.welcomed(west);
    const asked = performance.now();
    expect(await eve.join("nobody")).toMatchObject({ type: "refused", reason: "unavailable", retry: true });
    measured("a join into an unhosted room is refused after", performance.now() - asked);
    // The crash of one of several hosts.
    await house.kill(south);
    await talk.goesOn(8_000);
    for (const guest of [dan, fay]) guest.leaves();
    await talk.goesOn(5_000);
    expect(talk.longestSilence).toBeLessThan(2_000);
    await within(outage + 5_000, "the outage is over", () => performance.now() - began > outage);
    await talk.goesOn(5_000);
    expect(new Set(degraded.map(String))).toStrictEqual(new Set(["memory"]));

    await house.ground.memory.mend();
    const healed = performance.now();
    await within(5_000, "clients are told", () => String(degraded.at(-1)) === "");
    expect(await eve.join("nobody")).toMatchObject({ type: "joined" });
    measured("heals after", performance.now() - healed);
    expect(performance.now() - healed).toBeLessThan(5_000);
    await within(10_000, "the copy is written again", () => copyStands(house, "tea"));
    eve.leaves();
    await talk.judge();
    measured("longest without an answer", talk.longestSilence);
    expect([ann, bob, cat].flatMap(({ gaps }) => gaps)).toStrictEqual([]);
    // Of the guests, who left in order.
    expect([ann, bob].flatMap(({ members }) => members.filter(({ change }) => change === "left"))).toHaveLength(4);
  });
}
