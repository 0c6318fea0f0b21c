// One client floods: it is asked to be slower, then closed, and whoever shares its node and its room goes on.
import { expect } from "vitest";
import { fault } from "./fault.ts";
import { Guest } from "./guest.ts";
import { edgesOf } from "./room.ts";
import { Talk } from "./talk.ts";

const settings = { LIMITS_COMMANDS_PER_SECOND: "500", LIMITS_COMMAND_BURST: "1000", LIMITS_GRACE: "2s" };

fault("flood by one client", { settings }, async (house, measured) => {
  const [east, west] = await edgesOf(house, 2);
  const ann = await house.member([east], "tea");
  const bob = await house.member([west], "tea");
  const eve = await Guest.joined(east, "tea");
  const talk = new Talk([ann, bob]);
  await talk.goesOn(10_000, 100);
  const before = talk.slowest();
  const began = performance.now();
  let n = 0;
  const { socket } = eve.client;
  // As fast as its socket takes it, for as long as it is there.
  while (socket.readyState === socket.OPEN && n < 100_000) {
    for (let i = 0; i < 100; i += 1) {
      n += 1;
      eve.client.send({ type: "broadcast", n, room: "tea", body: "flood" });
    }
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  expect(await eve.client.closed()).toBe(4429);
  measured("closed after", performance.now() - began);
  const refused = eve.frames.filter(({ type }) => type === "refused");
  expect(refused.length).toBeGreaterThan(100);
  expect(refused.find(({ reason }) => reason === "slow_down")).toMatchObject({ retry: true });
  await talk.goesOn(10_000, 20);
  measured("an answer at p99, before", before);
  measured("with the flood", talk.slowest());
  measured("longest without an answer", talk.longestSilence);
  expect(talk.longestSilence).toBeLessThan(1_000);
  await talk.hush();
  for (const { lines } of [ann, bob]) lines.splice(0, lines.length, ...lines.filter((line) => line !== "flood"));
  await talk.judge();
  expect([ann, bob].flatMap(({ gaps, states }) => [...gaps, ...states])).toStrictEqual([]);
});
