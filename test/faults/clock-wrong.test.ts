// Clocks that are wrong by hours, or jump: nobody is taken for dead, nobody leaves early, and nothing is lost.
import { expect } from "vitest";
import { fault } from "./fault.ts";
import { Guest } from "./guest.ts";
import { edgesOf } from "./room.ts";
import { Talk } from "./talk.ts";
import { within } from "./within.ts";
import { WrongClock } from "./wrong-clock.ts";

const hour = 3_600_000;
const grace = 6_000;

fault("clock wrong on a node", { settings: { LIMITS_GRACE: `${grace}ms` } }, async (house, measured) => {
  const failed: unknown[] = [];
  const [right] = await edgesOf(house, 1);
  const clocks = [5, -5, 0].map((hours) => new WrongClock(hours * hour, (error) => failed.push(error)));
  const [early, late, jumping] = await Promise.all(clocks.map((clock) => house.edge({ clock })));
  if (early === undefined || late === undefined || jumping === undefined) throw new Error("three edges were started");
  const wrong = [early, late, jumping];
  const members = [
    await house.member([early], "tea"),
    await house.member([late], "tea"),
    await house.member([jumping], "tea"),
    await house.member([right], "tea"),
  ];
  const talk = new Talk(members);
  await talk.goesOn(10_000);
  const guest = await Guest.joined(right, "tea");
  const { id, token } = guest;
  const position = guest.position("tea");
  for (const hours of [1, -2, 3, -48, 46]) {
    clocks[2]?.jump(hours * hour);
    await talk.goesOn(5_000);
  }
  // A session that any of these nodes began can be taken up by any other, whatever hour it believes in.
  for (const [attempt, edge] of wrong.entries()) {
    const again = await Guest.at(edge);
    expect(await again.resume(token, attempt + 2, [{ room: "tea", position }])).toMatchObject([
      { type: "resumed", verdict: "complete" },
    ]);
  }
  guest.client.socket.terminate();
  const last = await Guest.at(late);
  await last.resume(token, 9, [{ room: "tea", position }]);
  last.client.socket.terminate();
  const changes = () =>
    members.map(({ members: heard }) =>
      heard.filter((event) => ("member" in event ? event.member.id : "id" in event ? event.id : "") === id),
    );
  await within(5_000, "it is away", () => changes().every((heard) => heard.at(-1)?.change === "away"));
  const away = performance.now();
  // Whoever believes this clock takes the grace for over: it may say so, and the log knows better.
  clocks[2]?.jump(2 * hour);
  await talk.goesOn(5_000);
  await within(grace + 5_000, "it has left", () => changes().every((heard) => heard.at(-1)?.change === "left"));
  const left = performance.now() - away;
  measured(`left after a grace of ${grace / 1_000} s:`, left);
  expect(left).toBeGreaterThan(grace - 500);
  for (const heard of changes()) expect(heard.filter(({ change }) => change === "left")).toHaveLength(1);

  await talk.judge();
  measured("longest without an answer", talk.longestSilence);
  const others = members.flatMap(({ members: heard }) => heard.filter(({ change }) => change === "away"));
  expect(others).toHaveLength(members.length);
  expect(members.flatMap(({ gaps, states }) => [...gaps, ...states])).toStrictEqual([]);
  expect(house.seen("node_silent")).toStrictEqual([]);
  expect(house.seen("digest_alarm")).toStrictEqual([]);
  expect(failed).toStrictEqual([]);
});
