// The built edge as a process over real NATS and Redis: how it starts, waits, refuses, serves and ends.
import { Gate, RedisServer } from "@heliograph/cluster";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ClusterServices } from "../kit/cluster-services.ts";
import { freePort } from "../kit/free-port.ts";
import { TestMember } from "../kit/member.ts";
import { until } from "../kit/until.ts";
import { expectClosedAtTheDeadline } from "./drains.ts";

let services: ClusterServices;
const members: TestMember[] = [];
const doors: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  services = await ClusterServices.start();
});

afterEach(async () => {
  for (const member of members.splice(0)) member.close();
  await services.endServices();
  for (const door of doors.splice(0)) await door.close();
});

afterAll(() => services.stop());

const socketOf = (address: string) => `${address.replace(/^http/, "ws")}/v1/socket`;

async function member(...how: Parameters<typeof TestMember.join>): Promise<TestMember> {
  const joined = await TestMember.join(...how);
  members.push(joined);
  return joined;
}

/** Status and body of an endpoint; nothing listens: 0. */
async function ask(address: string, path: string): Promise<readonly [number, string]> {
  try {
    const answer = await fetch(`${address}${path}`);
    return [answer.status, await answer.text()];
  } catch {
    return [0, ""];
  }
}

describe("edges over one NATS and one Redis", () => {
  test("let their clients talk to each other, and one that drains hands its own over unseen", async () => {
    const [one, two] = await Promise.all([services.readyEdge(), services.readyEdge()]);
    const urls = [socketOf(one.address), socketOf(two.address)];
    const ann = await member(urls, "tea", { speaks: "json" });
    const bob = await member(socketOf(two.address), "tea", { speaks: "msgpack" });
    await ann.say("from one");
    await bob.say("from two");
    await until("they hear each other", () => ann.lines.length === 1 && bob.lines.length === 1);
    one.signal("SIGTERM");
    expect((await one.line("Draining"))["connections"]).toBe(1);
    expect(await one.ended).toStrictEqual({ code: 0, signal: null });
    await ann.say("from the other");
    await until("it arrives", () => bob.lines.includes("from the other"));
    // Peers were shown nothing but that she came.
    expect(bob.members.map(({ change }) => change)).not.toContain("away");
    expect(ann.gaps).toStrictEqual([]);
    expect([one.errors, two.errors]).toStrictEqual(["", ""]);
    expect(one.lines.filter(({ level }) => level === "error" || level === "fatal")).toStrictEqual([]);
  });

  test("end at once at a second signal", async () => {
    const edge = await services.readyEdge({ DRAIN_DEADLINE: "1h" });
    await member(socketOf(edge.address), "tea");
    edge.signal("SIGTERM");
    await edge.line("Draining");
    edge.signal("SIGTERM");
    expect(await edge.ended).toStrictEqual({ code: 130, signal: null });
  });

  test("close whoever is left at the deadline, resumable, and end with 0", async () => {
    const edge = await services.readyEdge({ DRAIN_DEADLINE: "300ms" });
    await expectClosedAtTheDeadline(edge, socketOf(edge.address));
  });
});

describe("an edge that is told to end while NATS and Redis are gone", () => {
  test.for(["cut", "blackhole"] as const)("ends all the same, in the time it has: %s", async (how) => {
    const url = new URL(services.nats.urls[0] ?? "");
    const nats = await Gate.before("127.0.0.1", Number(url.port));
    const redis = await Gate.before(services.redis.host, services.redis.port);
    doors.push(nats, redis);
    const edge = await services.readyEdge({
      NATS_SERVERS: `nats://127.0.0.1:${nats.port}`,
      REDIS_NODES: `127.0.0.1:${redis.port}`,
      DRAIN_DEADLINE: "300ms",
    });
    await member(socketOf(edge.address), "tea");
    nats[how]();
    redis[how]();
    const began = performance.now();
    edge.signal("SIGTERM");
    expect(await edge.ended).toStrictEqual({ code: 0, signal: null });
    // The deadline, 2 s for what is still to be said, and a machine that may be busy.
    expect(performance.now() - began).toBeLessThan(8_000);
  });
});

describe("health", () => {
  test("is alive and not ready without NATS, says so once and again, and ends in peace while it waits", async () => {
    const port = await freePort();
    const edge = services.edge({ NATS_SERVERS: `nats://127.0.0.1:${port}`, LISTEN_PORT: String(await freePort()) });
    const line = await edge.line("Still waiting for NATS");
    expect(line.msg).toContain(`nats://127.0.0.1:${port}`);
    expect(edge.lines.filter(({ msg }) => msg.includes("Still waiting"))).toHaveLength(1);
    expect(edge.lines.filter(({ level }) => level === "error")).toStrictEqual([]);
    edge.signal("SIGTERM");
    expect(await edge.ended).toStrictEqual({ code: 0, signal: null });
  });

  test("turns ready when NATS can be reached, red when it is gone, and goes on without Redis", async () => {
    const url = new URL(services.nats.urls[0] ?? "");
    const nats = await Gate.before("127.0.0.1", Number(url.port));
    const redis = await Gate.before(services.redis.host, services.redis.port);
    doors.push(nats, redis);
    nats.cut();
    const port = await freePort();
    const address = `http://127.0.0.1:${port}`;
    const edge = services.edge({
      NATS_SERVERS: `nats://127.0.0.1:${nats.port}`,
      REDIS_NODES: `127.0.0.1:${redis.port}`,
      LISTEN_PORT: String(port),
    });
    await until("it lives and is not ready", async () => (await ask(address, "/readyz"))[0] === 503);
    expect(await ask(address, "/readyz")).toEqual([503, "missing: log\n"]);
    expect(await ask(address, "/healthz")).toEqual([200, "ok\n"]);
    nats.mend();
    await until("it is ready", async () => (await ask(address, "/readyz"))[0] === 200);
    await edge.line("Heliograph is ready");
    redis.cut();
    await until("it says what it lacks", async () => (await ask(address, "/readyz"))[1].includes("without: memory"));
    expect(await ask(address, "/readyz")).toEqual([200, "ready\nwithout: memory\n"]);
    redis.mend();
    await until("it lacks nothing", async () => (await ask(address, "/readyz"))[1] === "ready\n");
    nats.cut();
    await until("it is red", async () => (await ask(address, "/readyz"))[0] === 503);
    expect(await ask(address, "/healthz")).toEqual([200, "ok\n"]);
    nats.mend();
    await until("it is ready again", async () => (await ask(address, "/readyz"))[0] === 200);
  });

  test("starts without Redis and says so", async () => {
    const edge = await services.readyEdge({ REDIS_NODES: `127.0.0.1:${await freePort()}` });
    expect(await ask(edge.address, "/readyz")).toEqual([200, "ready\nwithout: memory\n"]);
  });
});

describe("a start that is refused", () => {
  test("without a token key says how to make one", async () => {
    const edge = services.edge({ TOKENS_KEYS: "" });
    expect(await edge.ended).toStrictEqual({ code: 2, signal: null });
    expect(edge.errors).toContain("heliograph edge: tokens.keys is empty");
    expect(edge.errors).toContain("`heliograph token-key`");
    expect(edge.lines).toStrictEqual([]);
  });

  test("for a port that is taken says so before it waits for anything", async () => {
    const first = await services.readyEdge();
    const second = services.edge({ LISTEN_PORT: String(first.port), NATS_SERVERS: "nats://127.0.0.1:1" });
    expect(await second.ended).toStrictEqual({ code: 1, signal: null });
    expect(second.lines.at(-1)?.msg).toMatch(/127\.0\.0\.1 port \d+ is taken\. .*HELIOGRAPH_LISTEN_PORT=/);
  });

  test("for streams of another shape says what differs", async () => {
    await services.readyEdge();
    const other = services.edge({ NATS_SHARDS: "8" });
    expect(await other.ended).toStrictEqual({ code: 1, signal: null });
    expect(other.lines.at(-1)?.level).toBe("fatal");
    expect(other.lines.at(-1)?.msg).toMatch(/shards/);
  });

  test("for a Redis that wants another password says so", async () => {
    const redis = await RedisServer.start({ password: "right" });
    doors.push({ close: () => redis.stop() });
    const edge = services.edge({ REDIS_NODES: `${redis.host}:${redis.port}`, REDIS_PASSWORD: "wrong" });
    expect(await edge.ended).toStrictEqual({ code: 1, signal: null });
    expect(edge.lines.at(-1)?.level).toBe("fatal");
    expect(edge.lines.at(-1)?.msg).toMatch(/password/i);
    expect(edge.lines.at(-1)?.msg).not.toContain("wrong");
  });
});
