// What a running standalone takes over from a changed configuration, and what its clients notice of it.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { startStandalone } from "@heliograph/standalone";
import { generate } from "selfsigned";
import { expect, onTestFinished, test } from "vitest";
import WebSocket from "ws";
import { PlainClient } from "../kit/plain-client.ts";
import { configured, type Server, startServer } from "../kit/server.ts";
import { until } from "../kit/until.ts";

async function server(settings: Readonly<Record<string, string>> = {}): Promise<Server> {
  const started = await startServer(settings);
  onTestFinished(() => started.stop());
  return started;
}

const url = (to: Server) => `ws://127.0.0.1:${to.port}/v1/socket`;
const news = (settings: Readonly<Record<string, string>>, changed: readonly string[] = []) => ({
  config: configured(settings),
  changed,
  renewed: [],
});
const keys = (...ids: readonly string[]) => ({
  TOKENS_KEYS: JSON.stringify(ids.map((id) => ({ id, secret: id.repeat(32) }))),
});

/** Our own coturn, with these secrets; nothing is asked of it. */
const turn = (...secrets: readonly string[]) => ({
  TURN_PROVIDERS: JSON.stringify([{ type: "secret", id: "own", secrets: secrets.map((letter) => letter.repeat(32)) }]),
  TURN_ZONES: '[{"id": "eu", "urls": ["turn:127.0.0.1:3478"]}]',
  TURN_TAG_KEY: "5a".repeat(32),
  TURN_PROBE_INTERVAL: "0",
});

/** A client with a resume token of now. */
async function token(to: Server): Promise<string> {
  const client = await PlainClient.open(url(to));
  client.send({ type: "hello", attempt: 1 });
  const welcome = await client.next("welcome");
  client.socket.close();
  await client.closed();
  return String(welcome["token"]);
}

/** How the server answers a resume with it: `welcome`, or the reason of the refusal. */
async function resumed(to: Server, with_: string): Promise<unknown> {
  const client = await PlainClient.open(url(to));
  client.send({ type: "resume", attempt: 2, token: with_, rooms: [] });
  await until("it is answered", () => client.frames.length > 0);
  client.socket.close();
  return client.frames[0]?.["reason"] ?? client.frames[0]?.["type"];
}

test("a token lives while its key is in the ring, and no longer", async () => {
  const running = await server(keys("aa"));
  const first = await token(running);
  await running.reload(news(keys("bb", "aa")));
  expect(await resumed(running, first)).toBe("welcome");
  await running.reload(news(keys("bb")));
  expect(await resumed(running, first)).toBe("unauthorized");
});

test("keys that were all taken out serve no more", async () => {
  const running = await server(keys("aa"));
  const first = await token(running);
  await running.reload(news({}));
  expect(await resumed(running, first)).toBe("unauthorized");
  expect(await resumed(running, await token(running))).toBe("welcome");
});

test("sessions outlive reloads without keys, and the first key that is configured", async () => {
  const running = await server();
  const first = await token(running);
  await running.reload(news({ LOG_LEVEL: "debug" }, ["log.level"]));
  expect(await resumed(running, first)).toBe("welcome");
  await running.reload(news(keys("aa"), ["tokens.keys"]));
  expect(await resumed(running, first)).toBe("welcome");
});

test("clients hear of TURN once there is any, of nothing when a secret is rotated, and at once when one is taken back", async () => {
  const running = await server();
  const ann = await PlainClient.joined(url(running), "lobby");
  const told = () => ann.frames.filter(({ type }) => type === "ice").map(({ ice }) => ice);
  const take = (settings: Readonly<Record<string, string>>, path: string) => running.reload(news(settings, [path]));
  await take({ LOG_LEVEL: "debug" }, "log.level");
  await take(turn("a"), "turn.providers");
  await until("TURN is told", () => told().length > 0);
  expect(told()).toMatchObject([{ expiry: "admission", zone: "eu" }]);
  await take(turn("b", "a"), "turn.providers");
  await take({ ...turn("b", "a"), TURN_MAX_URLS: "3" }, "turn.maxUrls");
  // Pushes leave in the order in which they were due, so one for the rotation would come before this one.
  await take(turn("b"), "turn.providers");
  await until("the new login is told", () => told().length > 1);
  expect(told()).toMatchObject([{}, { zone: "eu", degraded: false }]);
});

test("limits hold for sessions that are open already", async () => {
  const running = await server();
  const ann = await PlainClient.joined(url(running), "lobby");
  const limits = { LIMITS_COMMAND_BURST: "1", LIMITS_COMMANDS_PER_SECOND: "1" };
  await running.reload(news(limits, ["limits.commandBurst", "limits.commandsPerSecond"]));
  for (let n = 2; n < 6; n += 1) ann.send({ type: "ping", n });
  expect(await ann.next("refused")).toMatchObject({ reason: "slow_down" });
});

test("over TLS a renewed certificate is shown to who comes, and half a renewal changes nothing", async () => {
  const folder = await mkdtemp(join(tmpdir(), "heliograph-reload-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [cert, key] = [join(folder, "tls.crt"), join(folder, "tls.key")];
  const write = async (name: string): Promise<{ readonly private: string }> => {
    const pair = await generate([{ name: "commonName", value: name }], { keySize: 2048 });
    await writeFile(cert, pair.cert);
    await writeFile(key, pair.private);
    return pair;
  };
  const { private: oldKey } = await write("first");
  const plain = configured({});
  const config = { ...plain, listen: { ...plain.listen, tls: { cert, key } } };
  const running = await startStandalone(config, { observe: () => undefined }, () => undefined);
  onTestFinished(() => running.stop());
  expect(running.address).toMatch(/^https:/);
  const open = new WebSocket(`wss://127.0.0.1:${running.edge.port}/v1/socket`, "heliograph.v1.json", {
    rejectUnauthorized: false,
  });
  onTestFinished(() => open.terminate());
  const welcome = new Promise((resolve) => open.once("message", (data) => resolve(JSON.parse(String(data)))));
  open.on("open", () => open.send('{"type":"hello","attempt":1}'));
  expect(await welcome).toMatchObject({ type: "welcome" });

  await write("second");
  await writeFile(key, oldKey);
  const renewed = { config, changed: [], renewed: ["listen.tls.cert"] };
  await expect(running.reload(renewed)).rejects.toThrow();
  expect(await shown(running.edge.port)).toBe("first");

  await write("third");
  await running.reload(renewed);
  expect(await shown(running.edge.port)).toBe("third");
  const pong = new Promise((resolve) => open.once("message", (data) => resolve(JSON.parse(String(data)))));
  open.send('{"type":"ping","n":1}');
  expect(await pong).toMatchObject({ type: "pong", n: 1 });
});

/** The subject of the certificate that a new connection is shown. */
function shown(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on("error", reject);
  });
}
