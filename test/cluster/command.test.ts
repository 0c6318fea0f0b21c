// `npm run cluster` as people run it: what it says is there is there, another terminal can kill it, and Ctrl-C leaves nothing.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Child, controlPath, freePorts, RemoteCluster } from "@heliograph/cluster";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PlainClient } from "../kit/plain-client.ts";
import { until } from "../kit/until.ts";

const program = fileURLToPath(new URL("../../cluster/dist/main.js", import.meta.url));

let port: number;
let few: readonly string[];
let cluster: Child;

beforeAll(async () => {
  [port = 0] = await freePorts(1);
  few = ["--port", `${port}`, "--nats", "1", "--edges", "2", "--keepers", "1"];
  cluster = new Child({ program: process.execPath, args: [program, ...few] });
  await cluster.said(/Ctrl-C ends everything/);
});

afterAll(() => cluster.end("SIGTERM"));

test("the page and the socket are served through HAProxy, and the edges can be asked directly", async () => {
  const page = await fetch(`http://127.0.0.1:${port}/`);
  expect([page.status, await page.text()]).toStrictEqual([200, expect.stringContaining("<title>")]);
  const client = await PlainClient.joined(`ws://127.0.0.1:${port}/v1/socket`, "tea");
  client.socket.close(1000);
  const addresses = cluster.output.match(/http:\/\/127\.0\.0\.1:\d+\/(?=(readyz)? {2}log)/g) ?? [];
  expect(addresses).toHaveLength(3);
  for (const address of addresses) expect((await fetch(`${address}readyz`)).status).toBe(200);
});

test("another terminal sees what runs, kills it and starts it again, and the page goes on", async () => {
  const remote = new RemoteCluster(controlPath(port));
  expect((await remote.list()).map(({ name }) => name)).toStrictEqual([
    ...["nats-1", "redis", "keeper-1", "edge-1", "edge-2", "haproxy"],
  ]);
  await remote.kill("edge-1");
  expect((await remote.list()).filter(({ running }) => !running).map(({ name }) => name)).toStrictEqual(["edge-1"]);
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
  await remote.start("edge-1");
  expect((await remote.list()).every(({ running }) => running)).toBe(true);
});

test("a second one on the same port says so and starts nothing", async () => {
  const second = new Child({ program: process.execPath, args: [program, "--port", `${port}`] });
  expect(await second.ended).toStrictEqual({ code: 1, signal: null });
  expect(second.output).toMatch(new RegExp(`^Port ${port} is taken`));
});

test("Ctrl-C ends all of it and removes what it wrote", async () => {
  const logs = cluster.output.match(/\/\S+\/heliograph\.log/g) ?? [];
  const ports = portsIn(cluster.output);
  expect([logs.length, ports.length > 6]).toStrictEqual([3, true]);
  cluster.signal("SIGINT");
  expect(await cluster.ended).toStrictEqual({ code: 0, signal: null });
  expect(cluster.output).toMatch(/nothing is left\n$/);
  expect(logs.filter((log) => existsSync(log))).toStrictEqual([]);
  await until("nobody listens any more", async () => (await listening(ports)).length === 0);
});

test("with chaos edges die and come back; a cluster that is killed itself takes its servers along", async () => {
  const args = [program, "chaos", ...few, "--every", "1", "--kinds", "edge", "--seed", "1"];
  const second = new Child({ program: process.execPath, args });
  await second.said(/SIGKILL (edge-[12])\n[\s\S]*\1 is back/);
  const ports = portsIn(second.output);
  expect((await listening(ports)).length).toBeGreaterThan(4);
  await second.end("SIGKILL");
  await until("nobody listens any more", async () => (await listening(ports)).length === 0);
});

function portsIn(output: string): readonly string[] {
  return [...output.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, text = ""]) => text);
}

/** Those of the ports on which somebody is. */
async function listening(ports: readonly string[]): Promise<readonly string[]> {
  const there = await Promise.all(
    ports.map((each) =>
      fetch(`http://127.0.0.1:${each}/`).then(
        () => true,
        (error: Error) => !String(error.cause).includes("ECONNREFUSED"),
      ),
    ),
  );
  return ports.filter((_, index) => there[index]);
}
