// `--workers 2` over real NATS and Redis: one port, two nodes, and the life of both.
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ClusterServices } from "../kit/cluster-services.ts";
import { TestMember } from "../kit/member.ts";
import { PlainClient } from "../kit/plain-client.ts";
import type { ServiceProcess } from "../kit/service-process.ts";
import { until } from "../kit/until.ts";

let services: ClusterServices;
const members: TestMember[] = [];
const sockets: PlainClient[] = [];

beforeAll(async () => {
  services = await ClusterServices.start();
});

afterEach(async () => {
  for (const member of members.splice(0)) member.close();
  for (const { socket } of sockets.splice(0)) socket.terminate();
  await services.endServices();
});

afterAll(() => services.stop());

const workers = (edge: ServiceProcess) => edge.lines.filter(({ msg }) => msg.startsWith("Heliograph is ready"));
const socketOf = (edge: ServiceProcess) => `ws://127.0.0.1:${edge.port}/v1/socket`;

async function begun(settings: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
  const edge = services.edge({ WORKERS: "2", ...settings });
  await until("both workers are ready", () => workers(edge).length === 2);
  return edge;
}

function gone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

/** One with no clients may have ended already. */
function remind(pid: number): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch (error) {
    if (!gone(pid)) throw error;
  }
}

test("connections spread over both, SIGKILL of one is survived by its clients, and it comes back", async () => {
  const edge = await begun();
  const nodes = new Map<string, number>();
  for (let i = 0; i < 40; i += 1) {
    const client = await PlainClient.open(socketOf(edge));
    sockets.push(client);
    client.send({ type: "hello", attempt: 1 });
    const node = String((await client.next("welcome"))["node"]);
    nodes.set(node, (nodes.get(node) ?? 0) + 1);
  }
  // Each by itself has an even chance: fewer than five of forty would be seen once in ten million runs.
  expect([...nodes.keys()].toSorted()).toStrictEqual(
    workers(edge)
      .map((line) => line["node"])
      .toSorted(),
  );
  for (const count of nodes.values()) expect(count).toBeGreaterThanOrEqual(5);

  const crowd = await Promise.all(
    Array.from({ length: 8 }, () => TestMember.join(socketOf(edge), "tea", { speaks: "msgpack" })),
  );
  members.push(...crowd);
  const [victim] = workers(edge);
  process.kill(Number(victim?.["pid"]), "SIGKILL");
  expect((await edge.line("A worker ended"))["signal"]).toBe("SIGKILL");
  await until("another one serves", () => workers(edge).length === 3);
  await until("everybody is back", () => crowd.every(({ client }) => client.state === "open"));
  const [ann] = crowd;
  await ann?.say("still here");
  await until("all others hear it", () => crowd.slice(1).every(({ lines }) => lines.includes("still here")));
  expect(crowd.flatMap(({ gaps }) => gaps)).toStrictEqual([]);
});

test("SIGTERM drains all, also where it reaches every one of them, and nothing is left running", async () => {
  const edge = await begun();
  const pids = workers(edge).map((line) => Number(line["pid"]));
  const ann = await TestMember.join(socketOf(edge), "tea");
  members.push(ann);
  edge.signal("SIGTERM");
  await until("all drain", () => edge.lines.filter(({ msg }) => msg.startsWith("Draining")).length === 3);
  // As a service manager does that ends all processes of a service: the same wish once more.
  for (const pid of pids) remind(pid);
  ann.close();
  expect(await edge.ended).toStrictEqual({ code: 0, signal: null });
  expect(pids.every(gone)).toBe(true);
});

test("a second signal ends all at once", async () => {
  const edge = await begun({ DRAIN_DEADLINE: "1h" });
  const pids = workers(edge).map((line) => Number(line["pid"]));
  sockets.push(await PlainClient.open(socketOf(edge)));
  edge.signal("SIGINT");
  await until("all drain", () => edge.lines.filter(({ msg }) => msg.startsWith("Draining")).length === 3);
  edge.signal("SIGINT");
  expect(await edge.ended).toStrictEqual({ code: 130, signal: null });
  expect(pids.every(gone)).toBe(true);
});

test("workers whose parent died hand their clients over and end", async () => {
  const edge = await begun();
  const pids = workers(edge).map((line) => Number(line["pid"]));
  const ann = await PlainClient.open(socketOf(edge));
  sockets.push(ann);
  ann.send({ type: "hello", attempt: 1 });
  await ann.next("welcome");
  process.kill(edge.pid, "SIGKILL");
  await ann.next("goaway");
  ann.socket.close();
  await until("both are gone", () => pids.every(gone));
});

test("typed as an option, its workers share the one free port that was asked for", async () => {
  const edge = services.typed("edge", "--workers", "2", "--port", "0");
  await until("both workers are ready", () => workers(edge).length === 2);
  expect(new Set(workers(edge).map(({ msg }) => msg)).size).toBe(1);
  edge.signal("SIGTERM");
  expect(await edge.ended).toStrictEqual({ code: 0, signal: null });
});

test("SIGHUP reaches all of them", async () => {
  const edge = services.edge(
    { WORKERS: "2", CONFIG: "heliograph.yaml" },
    { "heliograph.yaml": "log: {level: info}\n" },
  );
  await until("both workers are ready", () => workers(edge).length === 2);
  edge.write("heliograph.yaml", "log: {level: debug}\n");
  edge.signal("SIGHUP");
  const read = () => edge.lines.filter(({ msg }) => msg === "The configuration was read again.").length;
  await until("each has read it, and their parent", () => read() === 3);
});

test("what keeps every worker from starting ends the whole, with the reason and the code", async () => {
  await services.readyEdge();
  const edge = services.edge({ WORKERS: "2", NATS_SHARDS: "2" });
  expect(await edge.ended).toStrictEqual({ code: 1, signal: null });
  expect(edge.lines.some(({ level, msg }) => level === "fatal" && msg.includes("shards"))).toBe(true);
});

test("a port that is taken is told before any worker is begun", async () => {
  const first = await services.readyEdge();
  const second = services.edge({ WORKERS: "2", LISTEN_PORT: String(first.port) });
  expect(await second.ended).toStrictEqual({ code: 1, signal: null });
  expect(second.lines.at(-1)?.msg).toContain("is taken");
});
