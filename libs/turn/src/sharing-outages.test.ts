// What keepers and edges do while the service or the memory is away: serve to the end, pause, go on alone, and come back.
import { expect, onTestFinished, test } from "vitest";
import { openSharingHouse, userOf } from "../contract/open-sharing-house.ts";
import { SharingHouse } from "../contract/sharing-house.ts";

const second = 1_000;
const minute = 60 * second;
/** Of a set of ten minutes. */
const life = 540 * second;
/** The longest that a look is away. */
const look = 12 * second;

/** Milliseconds between one request and the next. */
function pausesOf({ service: { asked } }: SharingHouse): readonly number[] {
  return asked.slice(1).map(({ at }, i) => at - (asked[i]?.at ?? 0));
}

test.each([1, 2, 3])(
  "[turn 15] three answers of 500: the cluster pauses as one, longer each time (%i)",
  async (seed) => {
    const house = await openSharingHouse({ seed });
    house.service.trouble = { class: "transient", why: "500" };
    await house.clock.runUntil(() => house.service.asked.length === 5);
    const [, one = 0, two = 0, three = 0] = pausesOf(house);
    for (const [pause, least] of [
      [one, 500],
      [two, 1_000],
      [three, 2_000],
    ] as const) {
      expect(pause).toBeGreaterThanOrEqual(least);
      expect(pause).toBeLessThanOrEqual(2 * least + 20);
    }
  },
);

test("[turn 15] 401 is asked again after 300 s, and 429 when it said", async () => {
  for (const [trouble, pause] of [
    [{ class: "refused", why: "401" }, 300 * second],
    [{ class: "throttled", why: "429", wait: 120 * second }, 120 * second],
  ] as const) {
    const house = await openSharingHouse();
    house.service.trouble = trouble;
    await house.clock.runUntil(() => house.service.asked.length === 3);
    expect(pausesOf(house)[1]).toBeGreaterThanOrEqual(pause);
    expect(pausesOf(house)[1]).toBeLessThanOrEqual(pause + 20);
    expect(house.outcomes()).toEqual(["ok", trouble.class, trouble.class]);
    house.close();
  }
});

test("[turn 23] the service is away for longer than a set lives: fresh, stale to its end, then nothing", async () => {
  const house = await openSharingHouse();
  const stored = house.clock.now();
  house.service.trouble = { class: "transient", why: "503" };
  await house.pass(life + minute, () => {
    const gone = house.clock.now() - stored;
    for (const { source } of house.edges) {
      // A failure is heard of with the next look.
      if (gone <= life / 2) expect(source.state).toBe("fresh");
      else if (gone > life / 2 + 2 * look && gone < life - second) expect(source.state).toBe("stale");
      else if (gone >= life) expect(source.state).toBe("none");
      const held = source.setFor();
      if (gone < life - second) expect((held?.endsAt ?? 0) - house.clock.now()).toBe(life - gone);
      else if (gone >= life) expect(held).toBeUndefined();
    }
  });
  for (const { told } of house.edges) expect(told).toEqual(["fresh", "stale", "none"]);
  // A minute apart at most and half of one at least, once the pauses have grown.
  expect(house.service.asked.length).toBeLessThan(20);
});

test("[turn 24] the service is back: one fetch, and every edge is told once", async () => {
  const house = await openSharingHouse();
  house.service.trouble = { class: "transient", why: "503" };
  await house.pass(life + 5 * minute);
  for (const { source } of house.edges) expect(source.state).toBe("none");
  const asked = house.service.asked.length;
  house.service.trouble = undefined;
  await house.clock.runUntil(() => house.service.asked.length > asked, minute);
  await house.clock.settle();
  expect(house.service.asked.length).toBe(asked + 1);
  for (const { told } of house.edges) expect(told).toEqual(["fresh", "stale", "none", "fresh"]);
  expect(new Set(house.users)).toEqual(new Set([userOf(asked + 1)]));
  await house.pass(2 * minute);
  for (const { told } of house.edges) expect(told.length).toBe(4);
});

test("[turn 21] the memory is away: edges serve to the end, each keeper fetches once for itself, one of these sets is shared after", async () => {
  const house = await openSharingHouse();
  const { service, shared, edges, keepers } = house;
  const stored = house.clock.now();
  await house.pass(minute);
  shared.reach.set("closed");
  await house.pass(life - minute + second, () => {
    const gone = house.clock.now() - stored;
    for (const { source } of edges) {
      expect(source.setFor()?.set.username).toBe(gone < life - second ? userOf(1) : undefined);
      expect(source.state).toBe(gone <= life / 2 + look ? "fresh" : gone < life - second ? "stale" : "none");
    }
    // A quarter of the life is left.
    if (gone < (life * 3) / 4) expect(service.asked.length).toBe(1);
  });
  expect([...house.outcomes()].sort()).toEqual([...Array.from({ length: 6 }, () => "isolated"), "ok"]);
  expect(new Set(service.asked.slice(1).map(({ by }) => by)).size).toBe(6);
  expect(keepers.every(({ fetcher }) => fetcher.held !== undefined)).toBe(true);
  shared.reach.set("open");
  await house.clock.settle();
  // Nobody asked the service again: somebody's own set became everybody's.
  await house.pass(look);
  expect(service.asked.length).toBe(7);
  const user = house.users[0];
  expect(service.asked.slice(1).map((_, i) => userOf(i + 2))).toContain(user);
  expect(new Set(house.users)).toEqual(new Set([user]));
  expect(new Set(keepers.map(({ fetcher }) => fetcher.held?.set.username))).toEqual(new Set([user]));
  expect(new Set(edges.map(({ source }) => source.state))).toEqual(new Set(["fresh"]));
});

test("[turn 21] one keeper is cut off from the memory: it fetches for itself once, and drops that for what all share", async () => {
  const house = await openSharingHouse();
  const [cut, ...others] = house.keepers;
  if (cut === undefined) throw new Error("keepers were opened");
  cut.node.reach.set("closed");
  cut.node.link.cut();
  await house.pass(life);
  expect(house.told.filter(({ outcome }) => outcome === "isolated").map(({ keeper }) => keeper)).toEqual([0]);
  const own = cut.fetcher.held?.set.username;
  const all = house.users[0];
  expect(own).not.toBe(all);
  cut.node.link.mend();
  cut.node.reach.set("open");
  await house.clock.settle();
  expect(cut.fetcher.held).toEqual(others[0]?.fetcher.held);
  await house.pass(minute);
  expect(house.users).not.toContain(own);
});

test("[turn 21] the memory is back with the set it had: what a keeper fetched for itself is dropped", async () => {
  const house = await openSharingHouse({ each: 2 });
  const { service, shared, keepers } = house;
  service.trouble = { class: "refused", why: "401" };
  await house.pass((life * 3) / 4 + second);
  shared.reach.set("closed");
  service.trouble = undefined;
  await house.pass(30 * second + look);
  expect(house.outcomes().filter((outcome) => outcome === "isolated").length).toBe(2);
  expect(keepers.map(({ fetcher }) => fetcher.held?.set.username)).not.toContain(userOf(1));
  shared.reach.set("open");
  await house.clock.settle();
  expect(keepers.map(({ fetcher }) => fetcher.held?.set.username)).toEqual([userOf(1), userOf(1)]);
  expect(new Set(house.users)).toEqual(new Set([userOf(1)]));
});

test("[turn 21] nobody goes on alone before the memory has been away for 30 s, nor again within five minutes", async () => {
  const house = await openSharingHouse();
  const { service, shared } = house;
  service.trouble = { class: "refused", why: "401" };
  // Less than a quarter is left, and the next attempt is minutes away.
  await house.pass((life * 3) / 4 + minute);
  const before = service.asked.length;
  shared.reach.set("closed");
  await house.pass(29 * second);
  expect(service.asked.length).toBe(before);
  shared.reach.set("open");
  await house.clock.settle();
  shared.reach.set("closed");
  await house.pass(29 * second);
  expect(service.asked.length).toBe(before);
  await house.pass(second + look);
  expect(service.asked.length).toBe(before + 6);
  await house.pass(20 * minute);
  for (let i = 0; i < 6; i += 1) {
    const times = service.asked.slice(before).flatMap(({ by, at }) => (by === i ? [at] : []));
    expect(times.length).toBeGreaterThanOrEqual(4);
    for (const [n, at] of times.slice(1).entries()) expect(at - (times[n] ?? 0)).toBeGreaterThanOrEqual(5 * minute);
  }
  expect(new Set(house.outcomes())).toEqual(new Set(["ok", "refused"]));
});

test("nobody knows whether a set was stored: what is found at the next look counts, and nobody asks again", async () => {
  const house = await openSharingHouse();
  const { service, clock, shared } = house;
  const fetching = service.hold();
  await clock.runUntil(() => service.asked.length === 2);
  service.hurry();
  shared.reach.set("answers lost");
  fetching.letGo();
  await clock.settle();
  shared.reach.set("open");
  await house.pass(look);
  expect(service.asked.length).toBe(2);
  expect(new Set(house.users)).toEqual(new Set([userOf(2)]));
  for (const { fetcher } of house.keepers) expect(fetcher.held).toEqual(house.edges[0]?.source.setFor());
});

test("the memory goes away between the answer and the commit: the set is kept and committed when it is back", async () => {
  const house = await openSharingHouse();
  const { service, clock, shared } = house;
  const fetching = service.hold();
  await clock.runUntil(() => service.asked.length === 2);
  service.hurry();
  shared.reach.set("closed");
  fetching.letGo();
  await house.pass(life / 2 + minute);
  expect(service.asked.length).toBeLessThanOrEqual(2 + 5);
  const asked = service.asked.length;
  shared.reach.set("open");
  await house.pass(look);
  expect(service.asked.length).toBe(asked);
  expect(house.users[0]).toBeDefined();
  expect(new Set(house.users).size).toBe(1);
});

test("the memory was emptied: one fetch, and everybody has a later generation", async () => {
  const house = await openSharingHouse();
  await house.pass(minute);
  const before = house.edges[0]?.source.generation ?? 0;
  house.shared.flush();
  await house.pass(look);
  expect(house.service.asked.length).toBe(2);
  expect(new Set(house.users)).toEqual(new Set([userOf(2)]));
  expect(house.edges[0]?.source.generation).toBeGreaterThan(before);
});

test("an account's end is known to every keeper, whoever fetched", async () => {
  const house = new SharingHouse();
  onTestFinished(() => house.close());
  house.service.accountEndsAt = 1_900_000_000_000;
  for (let i = 0; i < 3; i += 1) house.keeper();
  await house.pass(look);
  expect(house.service.asked.length).toBe(1);
  for (const { fetcher } of house.keepers) expect(fetcher.accountEndsAt).toBe(1_900_000_000_000);
});

test("a set that serves for less than two minutes is bad, whatever the provider says", async () => {
  const house = await openSharingHouse({ ttl: 119 });
  expect(house.told[0]).toMatchObject({ outcome: "bad", why: "a life of 119 s" });
  expect(house.users[0]).toBeUndefined();
});
