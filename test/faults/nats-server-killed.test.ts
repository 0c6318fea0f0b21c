// One of three NATS servers dies, the leader of streams included: a pause, and nothing else.
import { expect } from "vitest";
import type { TestMember } from "../kit/member.ts";
import { fault } from "./fault.ts";
import { RealGround } from "./real-ground.ts";
import { edgesOf } from "./room.ts";
import { Stranger } from "./stranger.ts";
import { Talk } from "./talk.ts";

/** Of streams that others lead, and of the rest once it is led again: that takes nats-server 4 to 9 s where a leader dies. */
const pause = 5_000;

fault(
  "one of three NATS servers dies",
  {
    timeout: 120_000,
    ground: () => RealGround.start({ nats: 3 }),
    expected: /^nats (connection|stream HG_\d: .*temporarily unavailable)/,
  },
  async (house, measured) => {
    const { nats } = house.ground instanceof RealGround ? house.ground : { nats: undefined };
    if (nats === undefined) throw new Error("this row stands on real servers");
    const [east, west, south] = await edgesOf(house, 3);
    const stranger = await Stranger.at(nats.urls);
    house.after(() => stranger.end());
    const talks = new Map<string, Talk>();
    const members: TestMember[] = [];
    for (const room of ["tea", "cake", "jam", "milk", "bread", "honey"]) {
      const here = [
        await house.member([east], room),
        await house.member([west], room),
        await house.member([south], room),
      ];
      members.push(...here);
      talks.set(room, new Talk(here));
    }
    const everybody = (ms: number) => Promise.all([...talks.values()].map((talk) => talk.goesOn(ms)));
    await everybody(10_000);
    const ledBy = async (server: number): Promise<readonly string[]> => {
      const led: string[] = [];
      for (const room of talks.keys()) {
        if ((await nats.leaderOf(`HG_${stranger.shardOf(room)}`)) === server) led.push(room);
      }
      return led;
    };
    for (const how of ["kill", "terminate"] as const) {
      const at = await nats.leaderOf(`HG_${stranger.shardOf("tea")}`);
      const led = await ledBy(at);
      const began = performance.now();
      await nats.server(at)[how]();
      await Promise.all(
        [...talks].map(async ([room, talk]) => {
          const goesOn = led.includes(room) ? undefined : talk.goesOn(pause, 1);
          await nats.leaderOf(`HG_${stranger.shardOf(room)}`);
          const elected = performance.now();
          await (goesOn ?? talk.goesOn(pause, 1));
          if (room !== "tea") return;
          measured(`${how}: a stream that it led has another leader after`, elected - began);
          measured("its rooms go on after", performance.now() - elected);
        }),
      );
      expect(led.length).toBeGreaterThan(0);
      await nats.server(at).start();
      await nats.healthy();
      await everybody(10_000);
    }
    for (const talk of talks.values()) await talk.judge();
    expect(members.flatMap(({ gaps, states }) => [...gaps, ...states])).toStrictEqual([]);
    expect(house.seen("digest_alarm")).toStrictEqual([]);
  },
);
