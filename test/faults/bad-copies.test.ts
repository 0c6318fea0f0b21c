// What no node of this version would write stands in Redis where a room's copy should: nobody takes it for the room.
import { RedisServer } from "@heliograph/cluster";
import { expect } from "vitest";
import { fault } from "./fault.ts";
import { Guest } from "./guest.ts";
import { RealGround } from "./real-ground.ts";
import { copyStands, edgesOf } from "./room.ts";
import { Talk } from "./talk.ts";
import { within } from "./within.ts";

fault(
  "bad copies in Redis",
  { expected: /^the store: (advance|load|replace) a copy/, ground: () => RealGround.start() },
  async (house, measured) => {
    const { redis } = house.ground instanceof RealGround ? house.ground : { redis: undefined };
    if (!(redis instanceof RedisServer)) throw new Error("this row stands on a real server");
    const [east, west, south] = await edgesOf(house, 3);
    const ann = await house.member([east], "tea");
    const bob = await house.member([west], "tea");
    await ann.room.set({ pin: "4711" });
    const talk = new Talk([ann, bob]);
    await within(10_000, "its copy is written", () => copyStands(house, "tea"));
    const key = "hg:{r:default:tea}";
    const spoilt: readonly (readonly string[])[] = [
      ["HSET", key, "noise", "\u0001\u0002", "m:nobody", "no member"],
      ["DEL", key],
      ["SET", key, "a text"],
      ["HSET", key, "at", "-1 x 7"],
    ];
    for (const words of spoilt) {
      if (words[0] === "HSET") await redis.command("DEL", key);
      await redis.command(...words);
      const dan = await Guest.welcomed(south);
      expect(await dan.join("tea"), words.join(" ")).toMatchObject({ type: "refused", reason: "pin_required" });
      dan.leaves();
      await talk.goesOn(5_000);
    }
    measured(
      "a copy stands again after",
      await within(20_000, "its hosts have written it again", async () => {
        return copyStands(house, "tea").catch(() => false);
      }),
    );
    // Of a room that nobody hosts there is nothing but the copy: it cannot be known, and says so.
    await redis.command("SET", "hg:{r:default:cake}", "a text");
    const eve = await Guest.welcomed(south);
    expect(await eve.join("cake")).toMatchObject({ type: "refused", reason: "unavailable", retry: true });
    eve.leaves();
    await redis.command("DEL", "hg:{r:default:cake}");
    await talk.judge();
    expect([ann, bob].flatMap(({ gaps, states }) => [...gaps, ...states])).toStrictEqual([]);
  },
);
