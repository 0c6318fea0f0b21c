import { loadConfig, writeMistake } from "@heliograph/config";
import type { Happening, IceAsker } from "@heliograph/core";
import { MemoryCluster, SeededRandom, VirtualClock } from "@heliograph/core/memory";
import type { NodeId, Realm, SessionId } from "@heliograph/protocol";
import { Metrics } from "@heliograph/telemetry";
import { expect, onTestFinished, test } from "vitest";
import { TurnParts } from "./turn-parts.ts";

const hex = "5a".repeat(32);
const zones = "zones: [{id: eu, urls: ['turn:eu.example:3478']}]";
const own = (...letters: readonly string[]) => {
  return `{type: secret, id: own, secrets: [${letters.map((letter) => letter.repeat(32)).join(", ")}]}`;
};

function turnOf(inner: string) {
  const readFile = () => `turn: {tagKey: ${hex}, stun: ['stun:s.example'], ${inner}}`;
  const loaded = loadConfig({ file: "h.yaml", env: {}, readFile });
  if (!loaded.ok) throw new Error(loaded.mistakes.map(writeMistake).join("\n"));
  return loaded.config.turn;
}

async function parts(inner: string) {
  const clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  const random = new SeededRandom(1);
  const cluster = new MemoryCluster({ clock, random });
  const node = cluster.node("node-1" as NodeId);
  const metrics = new Metrics();
  const happened: Happening[] = [];
  const observer = { observe: (happening: Happening) => void happened.push(happening) };
  const started = new TurnParts(turnOf(inner), {
    clock,
    random,
    sets: node.iceSets,
    nodes: node.nodes,
    observer,
    metrics,
  });
  onTestFinished(() => started.close());
  const beginning = started.start();
  await clock.advance(1_000);
  await beginning;
  const asker: IceAsker = { realm: "default" as Realm, session: "s" as SessionId, address: "a" };
  const series = async (name: string) => {
    return (await metrics.text()).split("\n").filter((line) => line.startsWith(name) && !line.endsWith(" 0"));
  };
  return {
    clock,
    parts: started,
    cluster,
    node,
    happened,
    series,
    grant: () => started.issuer.grant(asker, "auto", "greeting").grant,
  };
}

const set = {
  username: "1999999999:x",
  password: "p",
  zones: [{ id: "default", priority: 0, urls: ["turn:bought.example:3478"] }],
  stun: [],
};

test("without a provider there is STUN, as it is configured, and no alarm", async () => {
  const { grant, series } = await parts("providers: []");
  expect(grant()).toMatchObject({ iceServers: [{ urls: ["stun:s.example"] }], ttl: 0, degraded: false });
  expect(await series("sig_turn_state")).toEqual(['sig_turn_state{provider="",state="off"} 1']);
});

test("a secret signs by itself, and its age is told by its place", async () => {
  const { grant, series, clock } = await parts(`providers: [${own("a", "b")}], ${zones}`);
  expect(grant()).toMatchObject({ ttl: 3_600, expiry: "admission", zone: "eu" });
  await clock.advance(9_000);
  expect(await series("sig_turn_state")).toEqual([
    'sig_turn_state{provider="",state="fresh"} 1',
    'sig_turn_state{provider="own",state="fresh"} 1',
  ]);
  expect(await series("sig_turn_secret_age_seconds")).toEqual([
    'sig_turn_secret_age_seconds{slot="0"} 10',
    'sig_turn_secret_age_seconds{slot="1"} 10',
  ]);
});

test("a reload signs with the new secret, begins its age, and says what was taken back", async () => {
  const { grant, parts: turn, series, clock } = await parts(`providers: [${own("a")}], ${zones}`);
  const changes: unknown[] = [];
  turn.issuer.onChange((change) => changes.push(change.withdrawn === undefined ? "other" : "withdrawn"));
  const before = grant();
  turn.reload(turnOf(`providers: [${own("b", "a")}], ${zones}`));
  await clock.advance(5_000);
  const after = grant();
  expect(after.iceServers[0]?.credential).not.toBe(before.iceServers[0]?.credential);
  expect(changes).not.toContain("withdrawn");
  expect(await series("sig_turn_secret_age_seconds")).toEqual([
    'sig_turn_secret_age_seconds{slot="0"} 5',
    'sig_turn_secret_age_seconds{slot="1"} 5',
  ]);
  turn.reload(turnOf(`providers: [${own("b")}], ${zones}`));
  expect(changes).toContain("withdrawn");
});

test("a service's logins are those that a keeper has stored, and a provider that leaves the list is forgotten", async () => {
  const { grant, parts: turn, node, series, clock } = await parts("providers: [{type: cloudflare, id: bought}]");
  expect(grant()).toMatchObject({ ttl: 60, degraded: true });
  expect(await node.iceSets.claim("bought", "t")).toMatchObject({ is: "yours" });
  const bytes = new TextEncoder().encode(JSON.stringify(set));
  const generation = (await node.iceSets.commit("bought", "t", bytes, 600_000)) ?? 0;
  node.nodes.sayIceSet({ provider: "bought", generation });
  await clock.advance(1_000);
  expect(grant()).toMatchObject({ degraded: false, expiry: "hard", iceServers: [{ username: set.username }, {}] });
  expect(await series("sig_turn_set_generation")).toEqual([`sig_turn_set_generation{provider="bought"} ${generation}`]);
  expect(await series("sig_turn_set_expires_seconds")).toEqual(['sig_turn_set_expires_seconds{provider="bought"} 599']);

  turn.reload(turnOf(`providers: [{type: cloudflare, id: bought}, ${own("a")}], ${zones}`));
  expect(grant()).toMatchObject({ expiry: "hard" });
  turn.reload(turnOf(`providers: [${own("a")}], ${zones}`));
  expect(grant()).toMatchObject({ expiry: "admission" });
  expect(await series("sig_turn_set")).toEqual([]);
  expect(clock.timers).toBeLessThan(3);
});

test("zones that keepers found dead are avoided, also those of a provider that came with a reload", async () => {
  const two = "zones: [{id: eu, urls: ['turn:eu.example']}, {id: us, priority: 20, urls: ['turn:us.example']}]";
  const { grant, parts: turn, node, clock } = await parts("providers: []");
  turn.reload(turnOf(`providers: [${own("a")}], ${two}`));
  expect(grant().zone).toBe("eu");
  const bytes = new TextEncoder().encode(JSON.stringify({ fails: { eu: 3 } }));
  const name = "own.probe";
  await node.iceSets.claim(name, "t");
  const generation = (await node.iceSets.commit(name, "t", bytes, 120_000)) ?? 0;
  node.nodes.sayIceSet({ provider: name, generation });
  await clock.advance(1_000);
  expect(grant().zone).toBe("us");
});

test("whoever gives out a fixed login shows it", async () => {
  const { series } = await parts(`providers: [{type: static, id: lab, username: u, password: p}], ${zones}`);
  expect(await series("sig_turn_fixed")).toEqual(["sig_turn_fixed_credentials 1"]);
});

test("sessions that wait are counted by whoever serves them", async () => {
  const { parts: turn, series } = await parts("providers: []");
  turn.watch(() => 3);
  expect(await series("sig_turn_waiting")).toEqual(["sig_turn_waiting_sessions 3"]);
});

test("SFUs get logins where keys are configured, and no page where none are", async () => {
  const key = "k".repeat(20);
  const { parts: turn } = await parts(`providers: [${own("a")}], ${zones}, draftApi: {keys: [${key}]}`);
  const ask = (query: string) => turn.answer(new URLSearchParams(query))?.status;
  expect(ask(`service=turn&key=${key}`)).toBe(200);
  expect(ask("service=turn&key=other")).toBe(403);
  turn.reload(turnOf("providers: []"));
  expect(ask(`service=turn&key=${key}`)).toBeUndefined();
});

test("what it is made of shows no secret when it is printed", async () => {
  const { parts: turn } = await parts(`providers: [${own("q")}], ${zones}`);
  const { inspect } = await import("node:util");
  expect(inspect(turn, { depth: 20, showHidden: true })).not.toMatch(/qqqq|5a5a/);
});
