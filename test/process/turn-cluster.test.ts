// Keepers fetch TURN logins from a service for built edges over real NATS and Redis; the keys stay with the keepers.
import { createServer } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ClusterServices } from "../kit/cluster-services.ts";
import { freePort } from "../kit/free-port.ts";
import { PlainClient } from "../kit/plain-client.ts";
import type { ServiceProcess } from "../kit/service-process.ts";
import { turnRestAnswer } from "../kit/turn-answers.ts";
import { TurnService } from "../kit/turn-service.ts";
import { until } from "../kit/until.ts";

let services: ClusterServices;
let service: TurnService;
const clients: PlainClient[] = [];

beforeAll(async () => {
  services = await ClusterServices.start();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.terminate();
  await services.endServices();
  await service.stop();
});

afterAll(() => services.stop());

const apiKey = "the-key-of-the-account-that-pays";
const login = { username: "a-login-of-everybody", password: "the-password-of-everybody", ttl: 600 };

/** What a test calls the provider is its own: Redis remembers. */
const forKeepers = (id: string, key = apiKey) => ({
  LOG_LEVEL: "trace",
  TURN_PROBE_INTERVAL: "0",
  TURN_PROVIDERS: JSON.stringify([{ type: "turn-rest", id, url: `${service.url}/credentials`, apiKey: key }]),
});
const forEdges = (id: string) => ({ LOG_LEVEL: "trace", TURN_PROVIDERS: `[{type: turn-rest, id: ${id}}]` });

async function joined(edge: ServiceProcess): Promise<PlainClient> {
  const client = await PlainClient.joined(`ws://127.0.0.1:${edge.port}/v1/socket`, "lobby");
  clients.push(client);
  return client;
}

/** Of an edge, or of a keeper, as its start said where. */
async function metrics(of: ServiceProcess): Promise<string> {
  const ready = of.lines.find(({ msg }) => msg.includes("is ready"));
  const address = ready?.["internal"] ?? new URL(ready?.msg.slice(ready.msg.indexOf("http")) ?? "").origin;
  return (await fetch(`${address}/metrics`)).text();
}

async function series(of: ServiceProcess, name: string): Promise<readonly string[]> {
  return (await metrics(of)).split("\n").filter((line) => line.startsWith(name));
}

test("[turn 36] sessions that came first are told once a keeper has fetched, for all edges once, and nothing tells the keys", async () => {
  service = (await TurnService.start()).answers(turnRestAnswer(login));
  const [one, other] = [await services.readyEdge(forEdges("first")), await services.readyEdge(forEdges("first"))];
  const edges = [one, other];
  const early = await Promise.all(edges.map(joined));
  for (const client of early) expect(client.frames[0]).toMatchObject({ ice: { degraded: true, iceServers: [] } });
  expect(await series(one, "sig_turn_waiting_sessions")).toEqual(["sig_turn_waiting_sessions 1"]);

  const keepers = [services.keeper(forKeepers("first")), services.keeper(forKeepers("first"))];
  await Promise.all(keepers.map((keeper) => keeper.line("A keeper is ready")));
  const told = await Promise.all(early.map((client) => client.next("ice")));
  for (const { ice } of told) {
    expect(ice).toMatchObject({ degraded: false, expiry: "hard", iceServers: [{ username: login.username }] });
  }
  expect(service.requests.map(({ query }) => query.get("key"))).toEqual([apiKey]);
  const generations = await Promise.all(edges.map((edge) => series(edge, "sig_turn_set_generation")));
  expect(generations[0]).toHaveLength(1);
  expect(generations[0]).toEqual(generations[1]);
  const fetched = await Promise.all(
    keepers.map((keeper) => series(keeper, 'sig_turn_fetch_total{provider="first",outcome="ok"}')),
  );
  expect(
    fetched
      .flat()
      .map((line) => line.at(-1))
      .toSorted(),
  ).toEqual(["0", "1"]);

  const all = [...edges, ...keepers];
  const scraped = await Promise.all(all.map(metrics));
  const written = all.map(({ lines, errors }) => JSON.stringify(lines) + errors);
  expect(written.join()).toContain("turn_fetched");
  for (const secret of [apiKey, login.password]) {
    for (const text of [...scraped, ...written]) expect(text).not.toContain(secret);
  }
});

test("a keeper that is refused says so at once, in its log and in its metrics", async () => {
  service = (await TurnService.start()).answers({ status: 401, body: {} });
  const keeper = services.keeper(forKeepers("second", "a-key-that-was-revoked"));
  await keeper.line("a TURN provider refuses us");
  expect(await series(keeper, 'sig_turn_fetch_total{provider="second",outcome="refused"}')).toEqual([
    'sig_turn_fetch_total{provider="second",outcome="refused"} 1',
  ]);
  expect(JSON.stringify(keeper.lines)).not.toContain("a-key-that-was-revoked");
});

test("an edge refuses to start with the key of an account, and names its place", async () => {
  service = await TurnService.start();
  const edge = services.edge(forKeepers("third"));
  expect(await edge.ended).toEqual({ code: 2, signal: null });
  expect(edge.errors).toContain("turn.providers.0.apiKey is given, and an edge asks no provider");
  expect(edge.errors).not.toContain(apiKey);
});

test("workers tell their metrics on ports of their own, one beside the other", async () => {
  service = await TurnService.start();
  const first = await firstOfTwo();
  const edge = services.edge({ WORKERS: "2", INTERNAL_LISTEN_PORT: String(first) });
  const ready = () => edge.lines.filter(({ msg }) => msg.startsWith("Heliograph is ready"));
  await until("both workers are ready", () => ready().length === 2);
  expect(
    ready()
      .map(({ internal }) => internal)
      .toSorted(),
  ).toEqual([`http://127.0.0.1:${first}`, `http://127.0.0.1:${first + 1}`]);
});

/** A free port whose next one is free too. */
async function firstOfTwo(): Promise<number> {
  for (;;) {
    const first = await freePort();
    const next = createServer().listen(first + 1, "127.0.0.1");
    const free = await new Promise<boolean>((resolve) => {
      next.once("listening", () => next.close(() => resolve(true)));
      next.once("error", () => resolve(false));
    });
    if (free) return first;
  }
}
