// Pictures of people through real HAProxy: what it keeps never reaches an edge again, and what an edge answers is its own.
import { readFileSync } from "node:fs";
import { haproxyConfig, LocalCluster } from "@heliograph/cluster";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PlainClient } from "../kit/plain-client.ts";
import { until } from "../kit/until.ts";

let cluster: LocalCluster;

beforeAll(async () => {
  cluster = await LocalCluster.start({
    edges: 2,
    keepers: 1,
    nats: 1,
    redis: "single",
    settings: { web: { enabled: false }, limits: { grace: "2s" }, spreed: { enabled: true } },
  });
}, 120_000);

afterAll(async () => {
  await cluster?.stop();
});

const gif = (words: string) => Buffer.concat([Buffer.from(`GIF89a${words}`), Buffer.alloc(4_000, 7)]);
const dataUrl = (bytes: Uint8Array, mime = "image/gif") =>
  `data:${mime};base64,${Buffer.from(bytes).toString("base64")}`;

let rooms = 0;

/** Says hello through HAProxy, and joins a room of its own with a picture. */
async function joined(picture: string): Promise<{ client: PlainClient; room: string; address: string }> {
  rooms += 1;
  const room = `room ${rooms}`;
  const client = await PlainClient.open(cluster.url);
  client.send({ type: "hello", attempt: 1 });
  client.send({ type: "join", n: 1, room, profile: { name: "Ann", picture } });
  const { view } = await client.next("joined");
  return { client, room, address: pictureIn(view) };
}

/** The first picture that a frame tells of. */
function pictureIn(told: unknown): string {
  return /"picture":"([^"]+)"/.exec(JSON.stringify(told))?.[1] ?? "";
}

const through = (address: string, headers: Record<string, string> = {}, method = "GET") =>
  fetch(`${cluster.address}${address}`, { headers, method });
const at = (port: number, address: string, headers: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${port}/${address}`, { headers });

/** How many requests for pictures reached an edge so far, by their answers. */
async function reached(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const edge of cluster.edges) {
    const internal = /"internal":"([^"]+)"/.exec(edge.log)?.[1] ?? "";
    const text = await (await fetch(`${internal}/metrics`)).text();
    for (const [, outcome = "", count] of text.matchAll(/^sig_pictures_asked_total\{.*?outcome="(\w+)".*?\} (\d+)/gm)) {
      counts[outcome] = (counts[outcome] ?? 0) + Number(count);
    }
  }
  return counts;
}

/** What has reached edges since. */
async function reachedBy(act: () => Promise<void>): Promise<Record<string, number>> {
  const before = await reached();
  await act();
  const after = await reached();
  return Object.fromEntries(
    Object.entries(after)
      .map(([outcome, count]) => [outcome, count - (before[outcome] ?? 0)] as const)
      .filter(([, count]) => count !== 0),
  );
}

test("the file that is shipped is the one that is tried here, but for its addresses", () => {
  const shipped = readFileSync(new URL("../../deploy/haproxy/heliograph.cfg", import.meta.url), "utf8");
  const backends = [1, 2, 3].map((n) => ({ name: `edge-${n}`, address: `10.0.0.${n}:8080` }));
  expect(shipped).toBe(haproxyConfig(":8080", backends));
});

describe("a picture that is kept by HAProxy", () => {
  test("[spreed 58] comes with its type and a day to be kept; the second request reaches no edge", async () => {
    const bytes = gif("the second request");
    const { client, address } = await joined(dataUrl(bytes));
    expect(address).toMatch(/^v1\/picture\/[\w-]{20}\/[\w-]{12}$/);
    const [, , id, change] = address.split("/");
    const buddy = `static/img/buddy/s46/${id}/${change}/picture.gif`;
    for (const path of [address, buddy, `spreed/${buddy}`]) {
      const asked = await reachedBy(async () => {
        for (let i = 0; i < 5; i += 1) {
          const answer = await through(path);
          expect(answer.status).toBe(200);
          expect(Object.fromEntries(answer.headers)).toMatchObject({
            "content-type": "image/gif",
            "cache-control": "public, no-transform, max-age=86400",
            "x-content-type-options": "nosniff",
            "content-length": String(bytes.length),
            etag: expect.stringMatching(/^"[\w-]{43}"$/),
          });
          expect(Buffer.compare(Buffer.from(await answer.arrayBuffer()), bytes)).toBe(0);
        }
      });
      expect(asked).toEqual({ whole: 1 });
    }
    client.socket.terminate();
  });

  test("no way of asking gets past it: a reload, another query, a login, a cookie, HEAD", async () => {
    const { client, address } = await joined(dataUrl(gif("past it")));
    expect((await through(address)).status).toBe(200);
    const asked = await reachedBy(async () => {
      for (const headers of [
        { "cache-control": "no-cache" },
        { pragma: "no-cache" },
        { authorization: "Basic YTpi" },
        { cookie: "a=b" },
        { "accept-encoding": "br" },
      ]) {
        expect((await through(address, headers)).status).toBe(200);
      }
      expect((await through(`${address}?${Math.random()}`)).status).toBe(200);
      expect((await through(address, {}, "HEAD")).status).toBe(200);
    });
    expect(asked).toEqual({});
    client.socket.terminate();
  });

  test("revalidation gives 304: from what is kept, and from an edge when nothing is", async () => {
    const { client, address } = await joined(dataUrl(gif("revalidation")));
    const etag = (await through(address)).headers.get("etag") ?? "";
    const fromKept = await reachedBy(async () => {
      expect((await through(address, { "if-none-match": etag })).status).toBe(304);
    });
    expect(fromKept).toEqual({});
    for (const { port } of cluster.edges) {
      const answer = await at(port, address, { "if-none-match": etag });
      expect(answer.status).toBe(304);
      expect(answer.headers.get("etag")).toBe(etag);
    }
    client.socket.terminate();
    // It keeps nothing over its own end.
    await cluster.proxy.kill();
    await cluster.proxy.start();
    const again = await joined(dataUrl(gif("revalidation again")));
    const tag = (await at(cluster.edges[0]?.port ?? 0, again.address)).headers.get("etag") ?? "";
    const fromEdge = await reachedBy(async () => {
      const answer = await through(again.address, { "if-none-match": tag });
      expect(answer.status).toBe(304);
      expect(answer.headers.get("etag")).toBe(tag);
    });
    expect(fromEdge).toEqual({ same: 1 });
    again.client.socket.terminate();
  });

  test("a changed picture has another address, and the former one finds nothing at the edges", async () => {
    const { client, room, address } = await joined(dataUrl(gif("before")));
    expect((await through(address)).status).toBe(200);
    client.send({ type: "profile", n: 1, room, profile: { name: "Ann", picture: dataUrl(gif("after")) } });
    const changed = pictureIn((await client.next("member"))["member"]);
    expect(changed.split("/").slice(0, 3)).toEqual(address.split("/").slice(0, 3));
    expect(changed).not.toBe(address);
    const answer = await through(changed);
    expect(Buffer.from(await answer.arrayBuffer()).toString("latin1")).toContain("after");
    for (const { port } of cluster.edges) {
      await until("the former one is gone", async () => (await at(port, address)).status === 404);
      expect((await at(port, changed)).status).toBe(200);
    }
    client.socket.terminate();
  });

  test("[spreed 59] the edges answer 404 once its owner has left, and no cache keeps that", async () => {
    const { client, address } = await joined(dataUrl(gif("leaving")));
    expect((await at(cluster.edges[1]?.port ?? 0, address)).status).toBe(200);
    client.send({ type: "bye" });
    expect(await client.closed()).toBe(1000);
    for (const { port } of cluster.edges) {
      await until("the picture is gone", async () => (await at(port, address)).status === 404);
    }
    const answer = await through(address);
    expect(answer.status).toBe(404);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    const asked = await reachedBy(async () => {
      for (let i = 0; i < 3; i += 1) expect((await through(address)).status).toBe(404);
    });
    expect(asked).toEqual({ absent: 3 });
  });
});

describe("a data URL that is no picture", () => {
  test.for<[string, string]>([
    ["a text that calls itself PNG", dataUrl(Buffer.from("<script>alert(1)</script>"), "image/png")],
    ["half a signature", dataUrl(Buffer.from("GIF8"), "image/gif")],
    ["a program", dataUrl(Buffer.from("MZ"), "image/jpeg")],
    ["SVG", dataUrl(Buffer.from("<svg onload=alert(1)>"), "image/svg+xml")],
    ["no base64", "data:image/png;base64,%%%%"],
  ])("is never shown: %s", async ([, picture]) => {
    const client = await PlainClient.joined(cluster.url, "hostile");
    client.send({ type: "profile", n: 1, room: "hostile", profile: { name: "Ann", picture } });
    expect(await client.next("refused")).toMatchObject({ reason: "malformed", detail: "profile.picture" });
    expect(client.frames.filter(({ type }) => type === "member")).toEqual([]);
    client.socket.terminate();
  });
});
