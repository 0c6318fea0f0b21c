// HAProxy as it is advised: whoever comes gets an edge that can serve, whatever the others are doing.
import { EdgeProcess, freePorts, Haproxy } from "@heliograph/cluster";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PlainClient } from "../kit/plain-client.ts";
import { until } from "../kit/until.ts";

const edges: EdgeProcess[] = [];
let proxy: Haproxy;

beforeAll(async () => {
  const ports = await freePorts(3);
  for (const [index, port] of ports.slice(0, 2).entries()) {
    // They share nothing: which of them answers is all that is asked here.
    const settings = { log: { format: "json" }, trustForwarded: 1 };
    edges.push(new EdgeProcess({ name: `edge-${index}`, port, settings, command: "standalone" }));
  }
  await Promise.all(edges.map((edge) => edge.start()));
  proxy = new Haproxy(
    ports[2] ?? 0,
    edges.map(({ name, port }) => ({ name, address: `127.0.0.1:${port}` })),
  );
  await proxy.start();
});

afterAll(async () => {
  await Promise.all([proxy, ...edges].map((part) => part.stop()));
});

const url = () => `ws://127.0.0.1:${proxy.port}/v1/socket`;

/** Says hello, and tells which node answered. */
async function welcomed(at = url()): Promise<{ readonly client: PlainClient; readonly node: unknown }> {
  const client = await PlainClient.open(at);
  client.send({ type: "hello", attempt: 1 });
  return { client, node: (await client.next("welcome"))["node"] };
}

async function nodeOf(edge: EdgeProcess | undefined): Promise<unknown> {
  const { client, node } = await welcomed(edge?.url);
  client.socket.terminate();
  return node;
}

/** Which nodes six who come one after another get. */
async function sixCome(): Promise<Set<unknown>> {
  const nodes = new Set<unknown>();
  for (let i = 0; i < 6; i += 1) {
    const { client, node } = await welcomed();
    nodes.add(node);
    client.socket.terminate();
  }
  return nodes;
}

test("spreads who comes over all edges", async () => {
  expect(await sixCome()).toStrictEqual(new Set([await nodeOf(edges[0]), await nodeOf(edges[1])]));
});

test("nobody meets an edge that was killed, from the first moment on, and its own clients are cut at once", async () => {
  const { client, node } = await welcomed();
  const [home, other] = (await nodeOf(edges[0])) === node ? [edges[0], edges[1]] : [edges[1], edges[0]];
  await home?.kill();
  expect(await sixCome()).toStrictEqual(new Set([await nodeOf(other)]));
  expect(await client.closed()).toBe(1006);
  await home?.start();
  await until("the edge has clients again", async () => (await sixCome()).size === 2);
});

test("who comes while an edge is paused is passed on to the next", async () => {
  const [paused, other] = edges;
  const there = await nodeOf(other);
  paused?.pause();
  try {
    expect(await sixCome()).toStrictEqual(new Set([there]));
  } finally {
    paused?.wake();
  }
  await until("the edge has clients again", async () => (await sixCome()).size === 2);
});

test("an edge that drains gets nobody new, and ends when its last client has gone", async () => {
  const [drained, other] = edges;
  const { client } = await welcomed(drained?.url);
  const there = await nodeOf(other);
  const ended = drained?.terminate();
  await client.next("goaway");
  expect(await sixCome()).toStrictEqual(new Set([there]));
  client.socket.close(1000);
  await ended;
  await drained?.start();
  await until("the edge has clients again", async () => (await sixCome()).size === 2);
});

test("comes back on its port after its own death", async () => {
  const { client } = await welcomed();
  await proxy.kill();
  expect(await client.closed()).toBe(1006);
  await proxy.start();
  expect((await sixCome()).size).toBe(2);
});
