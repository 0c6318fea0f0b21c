// The primary dies with writes that its replica never saw: hosts write again what the new primary has lost.
import { RedisSentinel } from "@heliograph/cluster";
import { expect } from "vitest";
import { fault } from "./fault.ts";
import { Guest } from "./guest.ts";
import { RealGround } from "./real-ground.ts";
import { copyOf, copyStands, edgesOf } from "./room.ts";
import { Talk } from "./talk.ts";
import { within } from "./within.ts";

fault(
  "Redis failed over with loss",
  { timeout: 120_000, ground: () => RealGround.start({ redis: "sentinel" }) },
  async (house, measured) => {
    const { redis } = house.ground instanceof RealGround ? house.ground : { redis: undefined };
    if (!(redis instanceof RedisSentinel)) throw new Error("this row stands on Sentinels");
    const [east, west, south] = await edgesOf(house, 3);
    const ann = await house.member([east], "tea");
    const bob = await house.member([west], "tea");
    const still = await house.member([west], "still");
    for (const room of ["tea", "still"]) await within(10_000, "its copy is written", () => copyStands(house, room));
    const talk = new Talk([ann, bob]);
    await talk.goesOn(10_000);

    const former = await redis.primary();
    const replica = redis.servers.find((server) => server !== former);
    if (former === undefined || replica === undefined) throw new Error("there are a primary and a replica");
    // From now on the replica is turned away and hears nothing new, as over a route that fails before its primary does.
    await replica.command("CONFIG", "SET", "masterauth", "nobody asked for it");
    await former.command("CLIENT", "KILL", "TYPE", "replica");
    await within(5_000, "the replica hears nothing", async () => {
      return (await replica.command("INFO", "replication")).includes("master_link_status:down");
    });
    await ann.room.set({ pin: "4711", locked: true });
    await still.room.setData("topic", "cake");
    const written = async (): Promise<boolean> => {
      const [tea, quiet] = [await copyOf(house, "tea"), await copyOf(house, "still")];
      return tea?.settings.locked === true && quiet?.data.length === 1;
    };
    await within(5_000, "the primary has it", written);
    await former.kill();
    const began = performance.now();
    const now = await redis.replaced(former);
    measured("another primary after", performance.now() - began);
    const replaced = performance.now();
    // Whatever the memory says of it: its hosts know better.
    const dan = await Guest.welcomed(south);
    expect(await dan.join("tea", "4711")).toMatchObject({ type: "refused", reason: "locked" });
    measured(
      "copies written again after",
      await within(10_000, "what was lost is written again", () => written().catch(() => false)),
    );
    expect(performance.now() - replaced).toBeLessThan(10_000);
    expect(now).toBe(replica);
    dan.leaves();
    await talk.judge();
    measured("longest without an answer", talk.longestSilence);
    expect(talk.longestSilence).toBeLessThan(1_000);
    expect([ann, bob, still].flatMap(({ gaps, states }) => [...gaps, ...states])).toStrictEqual([]);
    await replica.command("CONFIG", "SET", "masterauth", "");
    await former.start();
  },
);
