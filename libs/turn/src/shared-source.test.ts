// What an edge makes of the shared set: how it begins, what it holds on to, and how often it looks.
import { expect, onTestFinished, test } from "vitest";
import { openSharingHouse, userOf } from "../contract/open-sharing-house.ts";
import { SharingHouse } from "../contract/sharing-house.ts";
import { SharedSource } from "./shared-source.ts";

const second = 1_000;
const minute = 60 * second;
/** Of a set of ten minutes. */
const life = 540 * second;

test("a server took over that knows only the set before: who has the later one serves it to its end", async () => {
  const house = await openSharingHouse({ each: 1 });
  const { iceSets, nodes } = house.node(50);
  const { set: older } = await iceSets.read("own");
  const source = new SharedSource(house.service.provider(0), {
    clock: house.clock,
    random: { fraction: () => 0.5 },
    sets: {
      onLink: () => () => undefined,
      read: async (provider) =>
        house.clock.now() > failover && older ? { set: older, fails: 0 } : iceSets.read(provider),
    },
    nodes,
    fault: (_where, error) => house.faults.push(error),
  });
  let failover = Number.POSITIVE_INFINITY;
  await source.start();
  await house.clock.runUntil(() => house.service.asked.length === 2);
  await house.clock.settle();
  const { generation } = source;
  failover = house.clock.now();
  await house.pass(minute);
  expect(source.setFor()?.set.username).toBe(userOf(2));
  expect(source.generation).toBe(generation);
  source.close();
});

test("an edge that starts after an attempt has failed knows that what it reads is stale", async () => {
  const house = await openSharingHouse();
  house.service.trouble = { class: "refused", why: "401" };
  await house.clock.runUntil(() => house.outcomes().includes("refused"));
  await house.clock.settle();
  const late = house.edge();
  await house.clock.settle();
  expect(late.source.state).toBe("stale");
  expect(late.source.setFor()?.set.username).toBe(userOf(1));
});

test("an edge that starts while the service is away has nothing, and does not take it for a beginning", async () => {
  const house = await openSharingHouse();
  house.service.trouble = { class: "transient", why: "503" };
  await house.pass(life + minute);
  const late = house.edge();
  await house.clock.settle();
  expect(late.source.state).toBe("none");
});

test("an edge whose cluster never fetches is at its beginning only so long", async () => {
  const house = new SharingHouse();
  onTestFinished(() => house.close());
  const { source, told } = house.edge();
  await house.pass(26 * second);
  expect(source.state).toBe("starting");
  await house.pass(2 * second);
  expect(source.state).toBe("none");
  expect(told).toEqual(["none"]);
});

test("an edge waits for its first look no longer than 300 ms, and takes what comes later", async () => {
  const house = await openSharingHouse({ each: 1 });
  const { clock } = house;
  const { iceSets } = house.node(50);
  let reads = 0;
  const source = new SharedSource(house.service.provider(0), {
    clock,
    random: { fraction: () => 0.5 },
    sets: {
      onLink: () => () => undefined,
      read: async (provider) => {
        reads += 1;
        await new Promise<void>((resolve) => void clock.after(2 * second, resolve));
        return iceSets.read(provider);
      },
    },
    nodes: { onIceSet: () => () => undefined },
    fault: (_where, error) => house.faults.push(error),
  });
  let ready = 0;
  const began = clock.now();
  void source.start().then(() => {
    ready = clock.now() - began;
  });
  await clock.advance(299);
  expect(ready).toBe(0);
  await clock.advance(1);
  expect(ready).toBe(300);
  expect(source.state).toBe("starting");
  // A thousand sessions ask, and there is one look more at most.
  for (let i = 0; i < 1_000; i += 1) expect(source.setFor()).toBeUndefined();
  await clock.advance(1_900);
  expect(source.state).toBe("fresh");
  await clock.advance(5 * second);
  expect(reads).toBe(2);
  source.close();
  await clock.advance(5 * second);
});

test("sessions that ask and ask while there is nothing make an edge look once a second, and not for each", async () => {
  const house = new SharingHouse();
  onTestFinished(() => house.close());
  const { iceSets, nodes } = house.node(50);
  let reads = 0;
  const source = new SharedSource(house.service.provider(0), {
    clock: house.clock,
    random: { fraction: () => 0.5 },
    sets: {
      onLink: (hear) => iceSets.onLink(hear),
      read: (provider) => {
        reads += 1;
        return iceSets.read(provider);
      },
    },
    nodes,
    fault: (_where, error) => house.faults.push(error),
  });
  await source.start();
  await house.pass(5 * second, () => source.setFor(), 10);
  expect(reads).toBeGreaterThanOrEqual(5);
  expect(reads).toBeLessThanOrEqual(7);
  source.close();
});

test("a session that asks while nothing is held makes the edge look, though no hint came", async () => {
  const house = new SharingHouse();
  onTestFinished(() => house.close());
  const { node, source } = house.edge();
  await house.clock.settle();
  node.link.misbehave({ drop: 1 });
  house.keeper();
  await house.pass(2 * second);
  expect(source.state).toBe("starting");
  expect(source.setFor()).toBeUndefined();
  await house.clock.settle();
  expect(source.setFor()).toBeDefined();
});

test("somebody sets a node's clock back while the memory is away: the set ends all the same", async () => {
  const house = await openSharingHouse({ each: 1 });
  const { clock } = house;
  let skew = 0;
  const { iceSets, nodes, reach } = house.node(50);
  const ports = {
    clock: {
      now: () => clock.now() + skew,
      after: (ms: number, call: () => void) => clock.after(ms, call),
      endOfTurn: (call: () => void) => clock.endOfTurn(call),
    },
    random: { fraction: () => 0.5 },
    sets: iceSets,
    nodes,
    fault: (_where: string, error: unknown) => house.faults.push(error),
  };
  const source = new SharedSource(house.service.provider(0), ports);
  await source.start();
  reach.set("closed");
  skew = -60 * minute;
  await house.pass(life - 2 * second);
  expect(source.setFor()).toBeDefined();
  await house.pass(2 * second);
  expect(source.setFor()).toBeUndefined();
  source.close();
});

test("what stands in the memory is no set: told once, and what is held serves on", async () => {
  const house = await SharingHouse.open({ each: 1 });
  onTestFinished(() => house.close());
  const { iceSets } = house.node(50);
  await house.pass(life / 2 - second);
  await house.clock.runUntil(() => house.service.asked.length === 2);
  house.keepers[0]?.kill();
  await house.pass(life / 2 + second);
  expect(await iceSets.claim("own", "stranger")).toMatchObject({ is: "yours" });
  await iceSets.commit("own", "stranger", new TextEncoder().encode('{"username":"x"}'), life);
  await house.pass(minute);
  expect(house.users).toEqual([userOf(2)]);
  expect(house.faults.map(String)).toEqual(["Error: what is stored is no set"]);
});
