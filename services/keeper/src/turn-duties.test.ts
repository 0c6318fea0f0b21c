import { loadConfig, writeMistake } from "@heliograph/config";
import type { Happening, IceSets } from "@heliograph/core";
import { MemoryCluster, SeededRandom, VirtualClock } from "@heliograph/core/memory";
import type { NodeId } from "@heliograph/protocol";
import { Metrics } from "@heliograph/telemetry";
import type { Exchange, probeRelay } from "@heliograph/turn";
import { describe, expect, onTestFinished, test } from "vitest";
import { boughtServers, ownServers } from "./servers-to-probe.ts";
import { TurnDuties } from "./turn-duties.ts";

const hex = "5a".repeat(32);

function turnOf(inner: string, interval = "0") {
  const readFile = () => `turn: {tagKey: ${hex}, probe: {interval: ${interval}}, ${inner}}`;
  const loaded = loadConfig({ file: "h.yaml", env: {}, program: "keeper", readFile });
  if (!loaded.ok) throw new Error(loaded.mistakes.map(writeMistake).join("\n"));
  return loaded.config.turn;
}

/** Every kind of service that is asked, each by another host. */
const every = `providers: [
  {type: spreed, id: sp, url: 'https://sp.example', clientId: c},
  {type: turn-rest, id: tr, url: 'https://tr.example/c', apiKey: k},
  {type: twilio, id: tw, accountSid: AC${"0".repeat(32)}, authToken: t},
  {type: cloudflare, id: cf, keyId: k, keyApiToken: t}]`.replaceAll("\n", " ");

async function duties(inner: string, interval = "0") {
  const clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  const random = new SeededRandom(1);
  const node = new MemoryCluster({ clock, random }).node("keeper-1" as NodeId);
  const metrics = new Metrics();
  const happened: Happening[] = [];
  const asked: string[] = [];
  const exchange: Exchange = {
    ask: async ({ url }) => {
      asked.push(new URL(url).host);
      if (!url.includes("tr.example")) return { class: "refused", why: "status 401" };
      const value = { username: "u", password: "p", ttl: 600, uris: ["turn:t.example"] };
      return { class: "answered", value, askedAt: clock.now() };
    },
  };
  const tried: string[] = [];
  const probe: typeof probeRelay = async ({ host }, { username }) => {
    tried.push(`${host} ${username.replace(/^\d+:/, "")}`);
    return { ms: 1, guards: [] };
  };
  const reads: string[] = [];
  const { iceSets } = node;
  const sets: IceSets = {
    link: iceSets.link,
    onLink: (hear) => iceSets.onLink(hear),
    read: (provider) => {
      reads.push(provider);
      return iceSets.read(provider);
    },
    claim: (...asks) => iceSets.claim(...asks),
    commit: (...asks) => iceSets.commit(...asks),
    fail: (...asks) => iceSets.fail(...asks),
  };
  const turn = turnOf(inner, interval);
  const ports = { clock, random, sets, nodes: node.nodes, metrics, exchange, probe };
  const started = new TurnDuties(turn, {
    ...ports,
    observer: { observe: (it) => void happened.push(it) },
  });
  onTestFinished(() => started.close());
  await clock.advance(1_000);
  const series = async (name: string) => (await metrics.text()).split("\n").filter((line) => line.startsWith(name));
  return { clock, started, node, happened, asked, tried, reads, turn, series };
}

describe("a keeper", () => {
  test("asks every service of the configuration, once for the cluster, and nobody for its own logins", async () => {
    const { asked, happened, node } = await duties(every);
    expect(asked.toSorted()).toEqual(["api.twilio.com", "rtc.live.cloudflare.com", "sp.example", "tr.example"]);
    expect(happened.flatMap((it) => (it.type === "ice_fetched" ? [[it.provider, it.outcome]] : [])).toSorted()).toEqual(
      [
        ["cf", "refused"],
        ["sp", "refused"],
        ["tr", "ok"],
        ["tw", "refused"],
      ],
    );
    expect((await node.iceSets.read("tr")).set).toBeDefined();
    const { asked: none } = await duties(
      `zones: [{id: eu, urls: ['turn:eu.example']}], providers: [{type: secret, id: own, secrets: [${hex}]}]`,
    );
    expect(none).toEqual([]);
  });

  test("shows what it holds, and each outcome from the start, so that the first refusal is an increase", async () => {
    const { series, node } = await duties(every);
    expect(await series('sig_turn_fetch_total{provider="cf"')).toHaveLength(7);
    const generation = (await node.iceSets.read("tr")).set?.generation;
    expect(await series("sig_turn_set_generation")).toEqual([`sig_turn_set_generation{provider="tr"} ${generation}`]);
    const [left] = await series("sig_turn_set_expires_seconds");
    expect(Number(left?.split(" ")[1])).toBeGreaterThan(530);
  });

  test("goes on undisturbed where nothing of it changes", async () => {
    const { started, reads, turn } = await duties(every);
    const before = reads.length;
    started.reload({ ...turn, blocked: ["mallory"] });
    expect(reads.length).toBe(before);
    started.reload({ ...turn, providers: [...turn.providers] });
    expect(reads.length).toBe(before + 4);
  });

  test("takes over other services without a restart, and asks those that are gone no more", async () => {
    const { started, asked, clock } = await duties(every);
    asked.length = 0;
    started.reload(turnOf("providers: [{type: turn-rest, id: other, url: 'https://tr.example/d'}]"));
    await clock.advance(600_000);
    expect(new Set(asked)).toEqual(new Set(["tr.example"]));
    started.close();
    expect(clock.timers).toBe(0);
  });
});

describe("probes", () => {
  test("are made as often as it is configured, of bought servers more seldom, and not at all where nobody wants them", async () => {
    const inner = `zones: [{id: eu, urls: ['turn:eu.example']}], providers: [{type: secret, id: own, secrets: [${hex}]},
      {type: turn-rest, id: tr, url: 'https://tr.example/c'}]`.replaceAll("\n", " ");
    const { tried, clock, started } = await duties(inner, "1m");
    await clock.advance(600_000);
    const times = (of: string) => tried.filter((each) => each === of).length;
    expect([...new Set(tried)].toSorted()).toEqual(["eu.example probe", "t.example u"]);
    expect(times("eu.example probe")).toBeGreaterThan(6);
    expect(times("t.example u")).toBeLessThan(4);
    tried.length = 0;
    started.reload(turnOf(inner));
    await clock.advance(600_000);
    expect(tried).toEqual([]);
  });

  const clock = new VirtualClock({ turn: () => Promise.resolve() });
  const zones = "zones: [{id: eu, urls: ['turn:eu.example']}]";

  test("of our own servers log in as a probe, and may not where a keeper has no secret", () => {
    const turn = turnOf(`${zones}, providers: [{type: secret, id: own, secrets: [${hex}]}, {type: secret, id: bare}]`);
    const [own, bare] = turn.providers.map((provider) => ownServers(provider, turn, clock));
    expect(own?.()).toMatchObject({ zones: [{ id: "eu" }], permissions: true });
    expect(own?.()?.login.username).toMatch(/^\d+:probe$/);
    expect(bare).toBeUndefined();
  });

  test("of bought servers ask one of each zone for an allocation and nothing else", () => {
    const urls = ["turn:a.example", "turns:a.example"];
    const set = { username: "u", password: "p", zones: [{ id: "z", priority: 0, urls }], stun: [] };
    expect(boughtServers({ set, generation: 1 })).toEqual({
      zones: [{ id: "z", urls: ["turn:a.example"] }],
      login: { username: "u", password: "p" },
      permissions: false,
    });
    expect(boughtServers(undefined)).toBeUndefined();
  });
});
