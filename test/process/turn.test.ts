// The built standalone hands out logins for our own coturn: to sessions, to SFUs, with the secret that was configured last.
import { createHmac } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { PlainClient } from "../kit/plain-client.ts";
import { StandaloneProcess } from "../kit/standalone-process.ts";
import { until } from "../kit/until.ts";

const running: StandaloneProcess[] = [];
const clients: PlainClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.terminate();
  for (const each of running.splice(0)) await each.end();
});

const first = "first-secret-of-our-coturn-0123456789";
const second = "second-secret-of-our-coturn-012345678";
const key = "key-of-an-sfu-0123456789";

const own = (...secrets: readonly string[]) => JSON.stringify([{ type: "secret", id: "own", secrets }]);

async function standalone(providers: string): Promise<StandaloneProcess> {
  const settings = {
    LOG_LEVEL: "trace",
    TURN_PROVIDERS_FILE: "providers.yaml",
    TURN_ZONES: '[{"id": "eu", "label": "Europe", "urls": ["turn:127.0.0.1:3478?transport=udp"]}]',
    TURN_TAG_KEY: "5a".repeat(32),
    TURN_DRAFT_API_KEYS: key,
    TURN_PROBE_INTERVAL: "0",
  };
  const started = new StandaloneProcess(settings, [], { "providers.yaml": providers });
  running.push(started);
  await started.line("Heliograph is ready");
  return started;
}

/** Another list of providers, taken over on SIGHUP. */
async function reloaded(server: StandaloneProcess, providers: string): Promise<void> {
  const read = () => server.lines.filter(({ msg }) => msg === "The configuration was read again.").length;
  const before = read();
  server.write("providers.yaml", providers);
  server.signal("SIGHUP");
  await until("the configuration was read again", () => read() > before);
}

interface Login {
  readonly username: string;
  readonly credential: string;
}

const grantOf = (client: PlainClient, type: string) => {
  const frame = client.frames.findLast((each) => each["type"] === type);
  return frame?.["ice"] as { readonly iceServers: readonly [Login]; readonly [name: string]: unknown } | undefined;
};

const signed = (secret: string, username: string) => createHmac("sha1", secret).update(username).digest("base64");

/** Of the machine's own house, as its start said where. */
async function internal(server: StandaloneProcess, path: string) {
  const { internal: address } = await server.line("Heliograph is ready");
  const answer = await fetch(`${address}${path}`);
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

async function series(server: StandaloneProcess, name: string): Promise<readonly string[]> {
  return (await internal(server, "/metrics")).text.split("\n").filter((line) => line.startsWith(name));
}

test("sessions get logins that the first secret has signed, also once it is another one, and metrics show it", async () => {
  const server = await standalone(own(first));
  const client = await PlainClient.joined(`${server.address.replace("http", "ws")}/v1/socket`, "lobby");
  clients.push(client);
  const welcome = grantOf(client, "welcome");
  const [login] = welcome?.iceServers ?? [];
  // Whole seconds, of which one may have begun to run.
  expect([3_599, 3_600]).toContain(welcome?.["ttl"]);
  expect(welcome).toMatchObject({ expiry: "admission", degraded: false, zone: "eu" });
  expect(login?.username).toMatch(/^\d{10}:[A-Za-z0-9_-]{22}$/);
  expect(login?.credential).toBe(signed(first, login?.username ?? ""));
  expect(await series(server, 'sig_turn_state{provider="own",state="fresh"}')).toEqual([
    'sig_turn_state{provider="own",state="fresh"} 1',
  ]);
  expect(await series(server, 'sig_turn_secret_age_seconds{slot="1"}')).toEqual([]);

  await reloaded(server, own(second, first));
  client.send({ type: "ice", n: 2 });
  await until("it is given another login", () => grantOf(client, "ice") !== undefined);
  const [renewed] = grantOf(client, "ice")?.iceServers ?? [];
  expect(renewed?.credential).toBe(signed(second, renewed?.username ?? ""));
  // One person, one quota.
  expect(renewed?.username.split(":")[1]).toBe(login?.username.split(":")[1]);
  expect(await series(server, 'sig_turn_secret_age_seconds{slot="1"}')).toHaveLength(1);
  expect(await series(server, 'sig_turn_grants_total{provider="own"')).toEqual([
    'sig_turn_grants_total{provider="own",zone="eu",kind="greeting"} 1',
    'sig_turn_grants_total{provider="own",zone="eu",kind="request"} 1',
  ]);

  const { text } = await internal(server, "/metrics");
  for (const secret of [first, second, login?.credential, renewed?.credential, login?.username.split(":")[1]]) {
    expect(secret?.length).toBeGreaterThan(10);
    expect(JSON.stringify(server.lines) + server.errors + text).not.toContain(secret);
  }
});

test("[turn 49] SFUs are refused without a service, without a key and with a wrong one, and get a login with theirs", async () => {
  const server = await standalone(own(first));
  const ask = (query: string) => internal(server, `/turn/credentials?${query}`);
  expect((await ask(`key=${key}`)).status).toBe(400);
  expect((await ask("service=turn")).status).toBe(400);
  expect((await ask(`service=stun&key=${key}`)).status).toBe(400);
  expect((await ask("service=turn&key=wrong")).status).toBe(403);
  const { status, headers, text } = await ask(`service=turn&api=${key}&username=janus-1`);
  expect([status, headers.get("cache-control"), headers.get("content-type")]).toEqual([
    200,
    "no-store",
    "application/json",
  ]);
  const answer = JSON.parse(text);
  expect(Object.keys(answer).toSorted()).toEqual(["password", "ttl", "uris", "username"]);
  expect(answer.password).toBe(signed(first, answer.username));
  expect(answer.uris).toEqual(["turn:127.0.0.1:3478?transport=udp"]);

  await reloaded(server, "[]");
  expect((await ask(`service=turn&key=${key}`)).status).toBe(404);
  expect(JSON.stringify(server.lines) + server.errors).not.toContain(key);
});

test("a node without keys for SFUs has no such page, and one with a fixed login says what that means", async () => {
  const server = new StandaloneProcess({
    TURN_PROVIDERS: '[{type: static, id: lab, username: ann, password: "a fixed password"}]',
    TURN_ZONES: '[{"id": "eu", "urls": ["turn:127.0.0.1:3478"]}]',
    TURN_PROBE_INTERVAL: "0",
  });
  running.push(server);
  expect(await server.line("A fixed TURN login is given to every client")).toMatchObject({ provider: "lab" });
  expect(await internal(server, `/turn/credentials?service=turn&key=${key}`)).toMatchObject({ status: 404 });
  expect(await series(server, "sig_turn_fixed_credentials")).toEqual(["sig_turn_fixed_credentials 1"]);
  expect(JSON.stringify(server.lines)).not.toContain("a fixed password");
});

test("a port for metrics that is taken is told, with how to choose another", async () => {
  const one = await standalone("[]");
  const { internal: address } = await one.line("Heliograph is ready");
  const other = new StandaloneProcess({ INTERNAL_LISTEN_PORT: new URL(String(address)).port });
  running.push(other);
  expect(await other.ended).toEqual({ code: 1, signal: null });
  expect(other.lines.at(-1)?.msg).toMatch(/where metrics are told, is taken\..*HELIOGRAPH_INTERNAL_LISTEN_PORT=/);
});
