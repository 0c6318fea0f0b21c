// Six keepers and six edges over one memory: one fetch for all of them, whoever dies, stalls or is not told.
import type { Happening } from "@heliograph/core";
import { expect, onTestFinished, test } from "vitest";
import { iceSourceContract } from "../contract/ice-source.ts";
import { openSharingHouse, userOf } from "../contract/open-sharing-house.ts";
import { SharingHouse } from "../contract/sharing-house.ts";
import { Fetcher } from "./fetcher.ts";
import { SharedSource } from "./shared-source.ts";

const second = 1_000;
const minute = 60 * second;
const claim = 15 * second;
/** The longest that a look is away. */
const look = 12 * second;
const seeds = [1, 2, 3];

test.each(seeds)(
  "[turn 16] an hour of sets of ten minutes is 13 requests, and all edges serve the same (%i)",
  async (seed) => {
    const house = await openSharingHouse({ seed });
    await house.pass(look);
    await house.pass(60 * minute - look, () => {
      expect(new Set(house.users)).toEqual(new Set([userOf(house.service.asked.length)]));
      expect(new Set(house.edges.map(({ source }) => source.state))).toEqual(new Set(["fresh"]));
    });
    expect(house.service.asked.length).toBeGreaterThanOrEqual(12);
    expect(house.service.asked.length).toBeLessThanOrEqual(14);
    expect(new Set(house.outcomes())).toEqual(new Set(["ok"]));
  },
);

test("[turn 6] whoever fetches goes on from what another fetched before", async () => {
  const house = await openSharingHouse();
  for (let n = 1; n < 6; n += 1) {
    const last = house.service.asked.at(-1);
    const before = house.keepers[last?.by ?? 0];
    expect(last?.previous?.session).toBe(n === 1 ? undefined : `session-${n - 1}`);
    // Whoever fetched last is gone, so that the next one is another.
    before?.kill();
    await house.pass(270 * second + look);
    expect(house.service.asked.length).toBe(n + 1);
    expect(house.service.asked.at(-1)?.by).not.toBe(last?.by);
  }
});

test.each(seeds)(
  "[turn 17] a keeper dies between request and commit: another fetches, the old set serves meanwhile (%i)",
  async (seed) => {
    const house = await openSharingHouse({ seed });
    house.service.hold();
    await house.clock.runUntil(() => house.service.asked.length === 2);
    const [, asked] = house.service.asked;
    house.keepers[asked?.by ?? 0]?.kill();
    house.service.hurry();
    const died = house.clock.now();
    while (house.service.asked.length < 3) {
      await house.pass(100, undefined, 100);
      expect(new Set(house.users)).toEqual(new Set([userOf(house.service.asked.length === 3 ? 3 : 1)]));
    }
    expect(house.service.asked[2]?.by).not.toBe(asked?.by);
    expect(house.clock.now() - died).toBeGreaterThanOrEqual(claim);
    expect(house.clock.now() - died).toBeLessThanOrEqual(claim + look);
  },
);

test("[turn 17] five of six die holding the claim, one after the other, and the sixth fetches", async () => {
  const house = await openSharingHouse();
  house.service.hold();
  for (let dead = 0; dead < 5; dead += 1) {
    await house.clock.runUntil(() => house.service.asked.length === 2 + dead);
    house.keepers[house.service.asked.at(-1)?.by ?? 0]?.kill();
    if (dead === 4) house.service.hurry();
  }
  await house.pass(claim + look);
  expect(house.service.asked.length).toBe(7);
  expect(new Set(house.service.asked.slice(1).map(({ by }) => by)).size).toBe(6);
  expect(new Set(house.users)).toEqual(new Set([userOf(7)]));
});

test("[turn 18] a keeper that stalls past its claim is refused, and the newer set stands", async () => {
  const house = await openSharingHouse();
  const stalled = house.service.hold();
  await house.clock.runUntil(() => house.service.asked.length === 2);
  house.service.hurry();
  await house.pass(claim + look);
  expect(house.service.asked.length).toBe(3);
  const before = house.edges[0]?.source.generation;
  expect(new Set(house.users)).toEqual(new Set([userOf(3)]));
  stalled.letGo();
  await house.pass(look);
  expect(house.outcomes()).toEqual(["ok", "ok", "late"]);
  expect(house.told.at(-1)).toMatchObject({ keeper: house.service.asked[1]?.by });
  expect(new Set(house.users)).toEqual(new Set([userOf(3)]));
  expect(house.edges[0]?.source.generation).toBe(before);
  for (const { fetcher } of house.keepers) expect(fetcher.held?.set.username).toBe(userOf(3));
});

test("[turn 18] the answer is late though nobody else came meanwhile: thrown away, and fetched again", async () => {
  const house = await openSharingHouse({ each: 1 });
  const stalled = house.service.hold();
  await house.clock.runUntil(() => house.service.asked.length === 2);
  house.service.hurry();
  // Its only keeper asks no second time while the first is under way.
  await house.pass(claim + look);
  expect(house.service.asked.length).toBe(2);
  stalled.letGo();
  await house.clock.settle();
  expect(house.outcomes()).toEqual(["ok", "late", "ok"]);
  expect(house.users).toEqual([userOf(3)]);
});

test("an attempt that never ends holds up nothing but itself", async () => {
  const house = await openSharingHouse({ each: 1 });
  house.service.hold();
  await house.clock.runUntil(() => house.service.asked.length === 2);
  house.service.hurry();
  await house.pass(30 * second + look);
  expect(house.service.asked.length).toBe(3);
  expect(house.users).toEqual([userOf(3)]);
});

test("[turn 19] what the bus carries is the provider and the generation", async () => {
  const house = new SharingHouse();
  onTestFinished(() => house.close());
  const heard: object[] = [];
  house.edge().node.nodes.onIceSet((hint) => heard.push(hint));
  house.keeper();
  await house.clock.settle();
  expect(heard).toEqual([{ provider: "own", generation: house.edges[0]?.source.generation }]);
  expect(house.users).toEqual([userOf(1)]);
});

test("a process that fetches and hands out tells itself: its first set is there at once", async () => {
  const house = new SharingHouse();
  onTestFinished(() => house.close());
  const { fetcher, node } = house.keeper();
  const source = new SharedSource(house.service.provider(0), {
    clock: house.clock,
    random: { fraction: () => 0.5 },
    sets: node.iceSets,
    nodes: node.nodes,
    fault: (_where, error) => house.faults.push(error),
  });
  const held = house.service.hold();
  await source.start();
  expect(source.state).toBe("starting");
  held.letGo();
  await house.clock.settle();
  expect(source.setFor()).toEqual(fetcher.held);
  expect(source.state).toBe("fresh");
  source.close();
  expect(house.faults).toEqual([]);
});

test("a provider that rejects against its promise costs a pause, and its words go nowhere", async () => {
  const house = await openSharingHouse({ each: 1 });
  const seen: Happening[] = [];
  const { iceSets, nodes } = house.node(50);
  const fetcher = new Fetcher(
    { id: "other", expiry: "hard", fetch: () => Promise.reject(new TypeError("https://turn.example/?key=k3y")) },
    {
      clock: house.clock,
      random: { bytes: (length) => new Uint8Array(length), fraction: () => 0.5 },
      sets: iceSets,
      nodes,
      observer: { observe: (happening) => seen.push(happening) },
    },
  );
  fetcher.start();
  await house.pass(500, undefined, 10);
  expect(seen.map(({ type }) => type)).toEqual(["fault", "ice_fetched"]);
  expect(seen[1]).toMatchObject({ provider: "other", outcome: "transient" });
  for (const each of seen) expect(`${JSON.stringify(each)} ${"error" in each ? each.error : ""}`).not.toContain("k3y");
  expect((await iceSets.read("other")).fails).toBe(1);
  fetcher.close();
});

test.each(seeds)("[turn 20] every hint is lost, and every edge has the new set within 12 s (%i)", async (seed) => {
  const house = await openSharingHouse({ seed });
  await house.pass(look);
  for (const { node } of [...house.keepers, ...house.edges]) node.link.misbehave({ drop: 1 });
  for (let n = 2; n < 6; n += 1) {
    await house.clock.runUntil(() => house.service.asked.length === n);
    await house.clock.settle();
    // Nobody was told.
    expect(house.users).toContain(userOf(n - 1));
    await house.pass(look);
    expect(new Set(house.users)).toEqual(new Set([userOf(n)]));
  }
});

test("[turn 22] a set is never given out with less than a second left, nor past the end that the memory knows", async () => {
  const house = await openSharingHouse({ ttl: 120 });
  const began = house.clock.now();
  const end = began + 60 * second;
  house.service.trouble = { class: "refused", why: "401" };
  await house.pass(
    59 * second - 50,
    () => {
      for (const { source } of house.edges) {
        const held = source.setFor();
        expect(held?.endsAt).toBeLessThanOrEqual(end);
        expect(held?.endsAt).toBeGreaterThan(house.clock.now() + second);
      }
    },
    50,
  );
  await house.pass(60, undefined, 1);
  expect(new Set(house.users)).toEqual(new Set([undefined]));
  expect(new Set(house.edges.map(({ source }) => source.left))).toEqual(new Set([0]));
  for (const { told } of house.edges) expect(told).toEqual(["fresh", "stale", "none"]);
});

test("[turn 22] an answer of the memory that was under way for long prolongs nothing", async () => {
  const house = await openSharingHouse({ each: 1 });
  const { clock, service } = house;
  service.trouble = { class: "refused", why: "401" };
  const { iceSets } = house.node(50);
  const began = clock.now();
  const source = new SharedSource(service.provider(0), {
    clock,
    random: { fraction: () => 0.5 },
    sets: {
      onLink: () => () => undefined,
      read: async (provider) => {
        const answer = await iceSets.read(provider);
        await new Promise<void>((resolve) => void clock.after(5 * second, resolve));
        return answer;
      },
    },
    nodes: { onIceSet: () => () => undefined },
    fault: (_where, error) => house.faults.push(error),
  });
  void source.start();
  await house.pass(
    600 * second,
    () => {
      const held = source.setFor();
      if (held !== undefined) expect(held.endsAt).toBeLessThanOrEqual(began + 540 * second);
    },
    500,
  );
  expect(source.setFor()).toBeUndefined();
  source.close();
  await house.pass(5 * second);
});

iceSourceContract("shared", async () => {
  const house = await SharingHouse.open();
  const [edge] = house.edges;
  if (edge === undefined) throw new Error("edges were opened");
  const next = async (): Promise<void> => {
    const { generation } = edge.source;
    await house.clock.runUntil(() => edge.source.generation > generation);
  };
  return {
    source: edge.source,
    now: () => house.clock.now(),
    until: async (holds) => {
      if (!(await house.clock.runUntil(holds))) throw new Error("it never came to pass");
    },
    round: () => house.clock.advance(20),
    end: async () => {
      house.close();
      expect(house.faults).toEqual([]);
    },
    renewal: { renew: next },
    withdrawal: { lacks: "a service withdraws nothing: an operator who does writes another set" },
    loss: {
      lose: async () => {
        house.service.trouble = { class: "transient", why: "503" };
        await house.clock.runUntil(() => edge.source.setFor() === undefined, 600_000);
      },
      recover: async () => {
        house.service.trouble = undefined;
        await next();
      },
    },
  };
});
