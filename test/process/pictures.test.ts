// Pictures in native profiles, over real sockets and two edges of one cluster in memory.
import { createHash } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { Edges, type RunningEdge } from "../kit/edges.ts";
import { PlainClient } from "../kit/plain-client.ts";
import { startServer } from "../kit/server.ts";
import { until } from "../kit/until.ts";

let edges: Edges | undefined;
afterEach(async () => {
  expect(edges?.faults ?? []).toEqual([]);
  await edges?.end();
  edges = undefined;
});

async function two(): Promise<readonly [RunningEdge, RunningEdge]> {
  edges = new Edges({ LIMITS_GRACE: "2s" });
  return [await edges.start(), await edges.start()];
}

const gif = (words: string) => Buffer.concat([Buffer.from(`GIF89a${words}`), Buffer.alloc(200, 1)]);
const dataUrl = (bytes: Uint8Array, mime = "image/gif") =>
  `data:${mime};base64,${Buffer.from(bytes).toString("base64")}`;
const at = (edge: RunningEdge, address: string, init: RequestInit = {}) =>
  fetch(`http://127.0.0.1:${edge.edge.port}/${address}`, init);

async function opened(url: string): Promise<{ client: PlainClient; token: unknown }> {
  const client = await PlainClient.open(url);
  client.send({ type: "hello", attempt: 1 });
  return { client, token: (await client.next("welcome"))["token"] };
}

function pictureIn(told: unknown): string {
  return /"picture":"([^"]+)"/.exec(JSON.stringify(told))?.[1] ?? "";
}

async function joinedWith(url: string, picture: string) {
  const { client, token } = await opened(url);
  client.send({ type: "join", n: 1, room: "lobby", profile: { name: "Ann", status: "here", picture } });
  const joined = await client.next("joined");
  return { client, token, joined, address: pictureIn(joined["view"]) };
}

describe("a picture in a profile", () => {
  test("is told as an address, the rest of the profile as it was, and any node serves it", async () => {
    const [one, other] = await two();
    const bytes = gif("ann");
    const { client, joined, address } = await joinedWith(one.url, dataUrl(bytes, "image/jpeg"));
    expect(JSON.stringify(joined["view"])).toContain('"name":"Ann","status":"here"');
    const digest = createHash("sha256").update(bytes).digest("base64url");
    expect(address).toMatch(new RegExp(`^v1/picture/[\\w-]{20}/${digest.slice(0, 12)}$`));
    const mate = await PlainClient.joined(other.url, "lobby");
    expect(pictureIn((await mate.next("joined"))["view"])).toBe(address);
    for (const edge of [one, other]) {
      const answer = await at(edge, address);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("content-type")).toBe("image/gif");
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
      expect(Buffer.compare(Buffer.from(await answer.arrayBuffer()), bytes)).toBe(0);
      const again = await at(edge, address, { headers: { "if-none-match": `"${digest}"` } });
      expect([again.status, (await again.arrayBuffer()).byteLength]).toEqual([304, 0]);
      const head = await at(edge, address, { method: "HEAD" });
      expect([head.status, head.headers.get("content-length")]).toEqual([200, String(bytes.length)]);
    }
    for (const each of [client, mate]) each.socket.terminate();
  });

  test("that is an address already stays what it is", async () => {
    const [one] = await two();
    const { client, address } = await joinedWith(one.url, "https://example.org/ann.png");
    expect(address).toBe("https://example.org/ann.png");
    // As a mate would say it who took it over from somebody's profile.
    const served = "v1/picture/AAAAAAAAAAAAAAAAAAAA/abcdefghijkl";
    client.send({ type: "profile", n: 1, room: "lobby", profile: { picture: served } });
    expect(pictureIn((await client.next("member"))["member"])).toBe(served);
    client.socket.terminate();
  });

  test("that is none is refused with its place, and the next command goes on", async () => {
    const [one] = await two();
    const client = await PlainClient.joined(one.url, "lobby");
    const picture = dataUrl(Buffer.from("<script>"), "image/png");
    client.send({ type: "profile", n: 1, room: "lobby", profile: { picture } });
    expect(await client.next("refused")).toMatchObject({
      type: "refused",
      reason: "malformed",
      detail: "profile.picture",
      n: 1,
      room: "lobby",
    });
    client.send({ type: "profile", n: 1, room: "lobby", profile: { picture: dataUrl(gif("now")) } });
    expect(pictureIn((await client.next("member"))["member"])).toMatch(/^v1\/picture\//);
    client.socket.terminate();
  });
});

describe("its owner", () => {
  test("goes on at another node with the same picture under the same address", async () => {
    const [one, other] = await two();
    const { client, token, joined, address } = await joinedWith(one.url, dataUrl(gif("ann")));
    const next = await PlainClient.open(other.url);
    const rooms = [{ room: "lobby", position: joined["position"] }];
    next.send({ type: "resume", token, attempt: 2, rooms });
    await next.next("welcome");
    expect(await client.closed()).toBe(4004);
    await edges?.clock.pass(120_000);
    for (const edge of [one, other]) expect((await at(edge, address)).status).toBe(200);
    next.send({ type: "bye" });
    await until("it is gone", async () => (await at(one, address)).status === 404);
    expect((await at(other, address)).status).toBe(404);
  });

  test("[spreed 59] that leaves takes the picture along", async () => {
    const [one, other] = await two();
    const { client, address } = await joinedWith(one.url, dataUrl(gif("ann")));
    expect((await at(other, address)).status).toBe(200);
    client.socket.terminate();
    await until("it is gone", async () => {
      await edges?.clock.pass(1_000);
      return (await at(other, address)).status === 404;
    });
    expect((await at(one, address)).status).toBe(404);
  });

  test("whose node cannot reach the memory is seen through that node, and at others once it can", async () => {
    const [one, other] = await two();
    const client = await PlainClient.joined(one.url, "lobby");
    for (const { ports } of [one, other]) ports.reach.set("closed");
    client.send({ type: "profile", n: 1, room: "lobby", profile: { picture: dataUrl(gif("ann")) } });
    const address = pictureIn((await client.next("member"))["member"]);
    expect((await at(one, address)).status).toBe(200);
    const elsewhere = await at(other, address);
    expect([elsewhere.status, elsewhere.headers.get("retry-after")]).toEqual([503, "2"]);
    for (const { ports } of [one, other]) ports.reach.set("open");
    await until("it is there", async () => {
      await edges?.clock.pass(1_000);
      return (await at(other, address)).status === 200;
    });
    client.socket.terminate();
  });
});

test("below a base path the address is below it too", async () => {
  const server = await startServer({ LISTEN_BASE_PATH: "/calls/", WEB_ENABLED: "false" });
  try {
    const base = `http://127.0.0.1:${server.port}/calls/`;
    const { client, address } = await joinedWith(`${base.replace("http", "ws")}v1/socket`, dataUrl(gif("ann")));
    const [, , id, change] = address.split("/");
    for (const path of [address, `static/img/buddy/s46/${id}/${change}/picture.gif`]) {
      expect((await fetch(base + path)).status).toBe(200);
    }
    expect((await fetch(new URL(`/${address}`, base))).status).toBe(404);
    client.socket.terminate();
    expect(server.faults).toEqual([]);
  } finally {
    await server.stop();
  }
});
