// Two keepers probe and an edge hears of it, over the memory twins and one clock that moves only when told.
import type { Happening } from "@heliograph/core";
import { MemoryCluster, SeededRandom, VirtualClock } from "@heliograph/core/memory";
import { parseNodeId } from "@heliograph/protocol";
import { expect, onTestFinished, test } from "vitest";
import { PeriodicProbe } from "./periodic-probe.ts";
import type { RelayProbe } from "./relay-probe.ts";
import { SharedZoneHealth } from "./shared-zone-health.ts";
import { readFails } from "./zone-fails.ts";

const minute = 60_000;

function open() {
  const random = new SeededRandom(7);
  const clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)), shuffle: random });
  const shared = new MemoryCluster({ clock, random });
  const happened: { readonly keeper: number; readonly at: number; readonly what: Happening }[] = [];
  const faults: unknown[] = [];
  const down = new Set<string>();
  const node = (i: number) => {
    const id = parseNodeId(`node-${i}`.padEnd(22, "-"));
    if (!id.ok) throw new Error(id.reason);
    return shared.node(id.value);
  };
  const probe = async ({ host }: { readonly host: string }): Promise<RelayProbe> => {
    if (!down.has(host)) return { ms: 1, guards: [] };
    return { ms: 1, guards: [], trouble: { step: "connect", failure: { is: "timeout", while: "connecting" } } };
  };
  const keepers = [0, 1].map((keeper) => {
    const { iceSets, nodes } = node(keeper);
    const periodic = new PeriodicProbe({
      id: "own",
      interval: minute,
      servers: () => ({
        zones: ["eu", "us"].map((id) => ({ id, urls: [`turn:${id}:3478`] })),
        login: { username: "1:probe", password: "p" },
        permissions: true,
      }),
      sets: iceSets,
      nodes,
      clock,
      random,
      observer: { observe: (what) => happened.push({ keeper, at: clock.now(), what }) },
      probe,
    });
    periodic.start();
    return periodic;
  });
  const { iceSets: sets, nodes } = node(9);
  const fault = (_where: string, error: unknown) => faults.push(error);
  const health = new SharedZoneHealth({ providers: ["own"], sets, nodes, clock, random, fault });
  health.start();
  onTestFinished(() => {
    for (const keeper of keepers) keeper.stop();
    health.close();
    expect(faults).toEqual([]);
    expect(happened.filter(({ what }) => what.type === "fault")).toEqual([]);
    expect(clock.timers).toBe(0);
  });
  const rounds = () => happened.filter(({ what }) => what.type === "ice_probed" && what.zone === "eu").length;
  return { clock, shared, happened, down, keepers, health, rounds };
}

test("an hour of a probe a minute is one round each minute, whichever keeper makes it", async () => {
  const { clock, rounds, happened } = open();
  for (let i = 0; i < 60; i += 1) await clock.advance(minute);
  // A turn comes at the first look after the minute, at most 18 s later.
  expect(rounds()).toBeGreaterThan(45);
  expect(rounds()).toBeLessThanOrEqual(61);
  expect(new Set(happened.map(({ keeper }) => keeper)).size).toBe(2);
});

test("a keeper that ends leaves the rounds to the other one", async () => {
  const { clock, rounds, keepers } = open();
  await clock.advance(minute);
  keepers[0]?.stop();
  const before = rounds();
  for (let i = 0; i < 10; i += 1) await clock.advance(minute);
  expect(rounds() - before).toBeGreaterThan(6);
});

test("[turn 32] a zone that fails three times in a row is failing for edges, until a probe succeeds", async () => {
  const { clock, down, health, rounds } = open();
  await clock.advance(minute / 2);
  down.add("eu");
  const first = rounds();
  let seen = first;
  while (rounds() < first + 3) {
    seen = rounds();
    expect(health.failing("own", "eu"), `after ${seen - first} failures`).toBe(false);
    await clock.advance(1_000);
  }
  expect(health.failing("own", "eu")).toBe(true);
  expect(health.failing("own", "us")).toBe(false);
  expect(health.failing("another", "eu")).toBe(false);
  down.delete("eu");
  while (rounds() < first + 4) await clock.advance(1_000);
  expect(health.failing("own", "eu")).toBe(false);
});

test("what was found is forgotten when nobody probes any more, and goes on without the memory meanwhile", async () => {
  const { clock, shared, down, health, keepers, rounds } = open();
  down.add("eu");
  for (let i = 0; i < 6; i += 1) await clock.advance(minute);
  expect(health.failing("own", "eu")).toBe(true);
  shared.reach.set("closed");
  await clock.advance(minute / 2);
  expect(health.failing("own", "eu")).toBe(true);
  // Each keeper probes for its own metrics.
  const before = rounds();
  await clock.advance(2 * minute);
  expect(rounds() - before).toBeGreaterThanOrEqual(2);
  expect(health.failing("own", "eu")).toBe(false);
  for (const keeper of keepers) keeper.stop();
});

test("bytes that nobody of ours wrote say nothing against any zone", () => {
  for (const text of ["", "[]", "null", '{"fails":[]}', '{"fails":{"eu":"3"}}', "\u0000"])
    expect(readFails(new TextEncoder().encode(text)).size).toBe(0);
});
