// One fetch for a whole cluster, over real servers: who dies, stalls, hears nothing or loses the memory, as in the simulation.
import { iceSetTimes } from "@heliograph/core";
import { ScriptedService } from "@heliograph/turn/contract";
import { connect } from "@nats-io/transport-node";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { until } from "../kit/until.ts";
import { admin, quick, SharingServers, SharingStage } from "./sharing-stage.ts";

const minute = 60_000;
/** Of a set of ten minutes. */
const life = 540_000;

let servers: SharingServers;
beforeAll(async () => {
  servers = await SharingServers.start();
});
afterAll(() => servers.stop());

async function open(options: Parameters<typeof SharingStage.open>[1] = {}): Promise<SharingStage> {
  const stage = await SharingStage.open(servers, options);
  onTestFinished(async () => {
    await stage.close();
    expect(stage.faults).toEqual([]);
  });
  return stage;
}

const userOf = (n: number): string => ScriptedService.login(n).username;

function last<T>(all: readonly T[]): T {
  const one = all.at(-1);
  if (one === undefined) throw new Error("there is none");
  return one;
}

test("[turn 16] an hour of Redis' time is 13 requests, and all edges serve the same", async () => {
  const stage = await open({ times: { ...quick, look: 50 } });
  const { service } = stage;
  for (let gone = 0; gone < 60 * minute; gone += minute / 2) {
    await stage.pass(minute / 2);
    await stage.looked(1);
    // Whoever has just fetched tells the others.
    await stage.all(service.asked.length);
    expect(new Set(stage.edges.map(({ source }) => source.generation)).size).toBe(1);
  }
  expect(service.asked.length).toBeGreaterThanOrEqual(12);
  expect(service.asked.length).toBeLessThanOrEqual(14);
  expect(new Set(stage.fetched.map(({ outcome }) => outcome))).toEqual(new Set(["ok"]));
});

test("[turn 17] the keeper that fetches dies between request and commit: another fetches, the old set serves meanwhile", async () => {
  const stage = await open();
  const { service } = stage;
  const held = service.hold();
  await stage.pass(life / 2 + 1);
  await until("somebody fetches", () => service.asked.length === 2);
  service.hurry();
  const dead = last(service.asked).by;
  await stage.kill(dead);
  // The service answers, and nobody is there.
  held.letGo();
  await stage.looked(3);
  await stage.pass(iceSetTimes.claim - 3_000);
  await stage.looked(3);
  expect(service.asked.length).toBe(2);
  expect(new Set(stage.users)).toEqual(new Set([userOf(1)]));
  await stage.pass(3_000);
  await stage.all(3);
  expect(last(service.asked).by).not.toBe(dead);
  expect(service.asked.length).toBe(3);
});

test("[turn 18] a keeper that stalls past its claim is refused, and the newer set stands", async () => {
  const stage = await open();
  const { service } = stage;
  const stalled = service.hold();
  await stage.pass(life / 2 + 1);
  await until("somebody fetches", () => service.asked.length === 2);
  service.hurry();
  await stage.pass(iceSetTimes.claim);
  await stage.all(3);
  const { generation } = last(stage.edges).source;
  stalled.letGo();
  await until("the late one is told", () => stage.fetched.some(({ outcome }) => outcome === "late"));
  await stage.looked();
  expect(new Set(stage.users)).toEqual(new Set([userOf(3)]));
  expect(await servers.redis.command("HGET", "hg:{turn:own}:set", "gen")).toBe(`${generation}`);
  expect(await servers.redis.command("EXISTS", "hg:{turn:own}:lock")).toBe("0");
  expect(service.asked.length).toBe(3);
});

test("[turn 19] a commit is told on the bus by provider and generation, and no byte of a login is there", async () => {
  const [url = ""] = servers.nats.urls;
  const link = await connect({ servers: url.replace("nats://", ""), ...admin });
  onTestFinished(() => link.close());
  const said: { readonly subject: string; readonly text: string }[] = [];
  link.subscribe(">", {
    callback: (_error, { subject, data }) => {
      said.push({ subject, text: Buffer.from(data).toString("latin1") });
    },
  });
  await link.flush();
  const stage = await open();
  await stage.pass(life / 2 + 1);
  await stage.all(2);
  await link.flush();
  const hints = said.filter(({ subject }) => subject === "hg.n.ice");
  expect(hints.length).toBe(2);
  for (const { text } of hints) expect(text).toContain("own");
  for (const { text } of said) {
    for (const n of [1, 2]) {
      const { username, password } = ScriptedService.login(n);
      expect(text).not.toContain(username);
      expect(text).not.toContain(password);
    }
  }
});

test("[turn 20] NATS is gone, so that no hint comes: every edge has the new set with its next look", async () => {
  const stage = await open();
  const nats = servers.nats.server(0);
  await nats.kill();
  onTestFinished(async () => {
    await nats.start();
    await servers.nats.healthy();
  });
  await stage.pass(life / 2 + 1);
  await until("somebody has fetched", () => stage.fetched.length === 2);
  await stage.looked(2);
  expect(new Set(stage.users)).toEqual(new Set([userOf(2)]));
  expect(stage.service.asked.length).toBe(2);
});

test("[turn 21] Redis is gone: edges serve on, keepers fetch for themselves, and what Redis has when it is back counts", async () => {
  const times = { ...quick, alone: 300 };
  const stage = await open({ times });
  const { service, fetched } = stage;
  service.trouble = { class: "refused", why: "401" };
  await stage.pass((life * 3) / 4 + 1);
  await until("the refusal is told", () => fetched.length === 2);
  // Everybody knows that less than a quarter is left, and nobody may ask the service.
  await stage.looked(2);
  service.trouble = undefined;
  await servers.redis.kill();
  await until("each has fetched for itself", () => fetched.length === 5);
  expect(new Set(stage.users)).toEqual(new Set([userOf(1)]));
  expect(fetched.slice(2).map(({ outcome }) => outcome)).toEqual(["isolated", "isolated", "isolated"]);
  expect(new Set(service.asked.slice(2).map(({ by }) => by)).size).toBe(3);
  await servers.redis.start();
  await until("the shared set counts again", () =>
    stage.keepers.every(({ fetcher }) => fetcher.held?.set.username === userOf(1)),
  );
  expect(service.asked.length).toBe(5);
  expect(new Set(stage.users)).toEqual(new Set([userOf(1)]));
});

test("[turn 21] Redis comes back without a set: one of those that keepers fetched for themselves is everybody's", async () => {
  const times = { ...quick, alone: 300 };
  const stage = await open({ times });
  const { service, fetched } = stage;
  service.trouble = { class: "transient", why: "503" };
  // Three seconds are left, by everybody's clock.
  await stage.pass(life - 3_000);
  await stage.looked(2);
  const end = last(stage.edges).source.setFor()?.endsAt ?? 0;
  await servers.redis.kill();
  service.trouble = undefined;
  await until("each has a set of its own", () => fetched.filter(({ outcome }) => outcome === "isolated").length === 3);
  const asked = service.asked.length;
  // For Redis too, which counts to the end and not to a second before.
  await until("the old set has ended", () => Date.now() > end + 500);
  expect(stage.users).toEqual([undefined, undefined, undefined]);
  await servers.redis.start();
  // What is left of the pause after the last failure.
  await stage.pass(minute);
  await until("all have one", () => new Set(stage.users).size === 1 && stage.users[0] !== undefined);
  expect(stage.users[0]).not.toBe(userOf(1));
  await stage.looked(2);
  expect(new Set(stage.keepers.map(({ fetcher }) => fetcher.held?.set.username))).toEqual(new Set(stage.users));
  expect(service.asked.length).toBe(asked);
});

test("[turn 22] across its end a set is given out with more than a second left, or not at all", async () => {
  // Three seconds of life, by everybody's own clock.
  const stage = await open({ ttl: 5, times: { ...quick, margin: 2_000, shortest: 4_000 } });
  const [{ at: began } = { at: 0 }] = stage.service.asked;
  stage.service.trouble = { class: "refused", why: "401" };
  let given = 0;
  for (;;) {
    const before = Date.now();
    const sets = stage.edges.map(({ source }) => source.setFor());
    for (const held of sets) {
      if (held === undefined) continue;
      given += 1;
      expect(held.endsAt).toBeGreaterThan(before + 1_000);
      // Not later than the service's own end, though each counts for itself; a clock may step by a millisecond or two.
      expect(held.endsAt).toBeLessThanOrEqual(before + 3_005);
    }
    if (sets.every((held) => held === undefined)) break;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(given).toBeGreaterThan(100);
  expect(Date.now() - began).toBeLessThan(3_000);
  expect(new Set(stage.edges.map(({ source }) => source.state))).toEqual(new Set(["none"]));
});

test("no keeper's key stays without an end, and no process keeps a connection", async () => {
  const stage = await open({ each: 1 });
  const all = (await servers.redis.command("KEYS", "hg:{turn:*")).split("\n");
  expect(all.sort()).toEqual(["hg:{turn:own}:gen", "hg:{turn:own}:set"]);
  for (const key of all) expect(Number(await servers.redis.command("PTTL", key))).toBeGreaterThan(0);
  await stage.close();
  await until("no connection is left", async () =>
    (await servers.redis.command("CLIENT", "LIST")).split("\n").every((line) => !line.includes("heliograph")),
  );
});
