// The built keeper as a process over real NATS and Redis: what it looks after, and how it starts and ends.
import { Gate } from "@heliograph/cluster";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ClusterServices } from "../kit/cluster-services.ts";
import { freePort } from "../kit/free-port.ts";
import { TestMember } from "../kit/member.ts";
import { until } from "../kit/until.ts";

let services: ClusterServices;
const members: TestMember[] = [];

beforeAll(async () => {
  services = await ClusterServices.start();
});

afterEach(async () => {
  for (const member of members.splice(0)) member.close();
  await services.endServices();
});

afterAll(() => services.stop());

async function status(address: string): Promise<readonly [number, string]> {
  const answer = await fetch(address);
  return [answer.status, await answer.text()];
}

const socketOf = (address: string) => `${address.replace(/^http/, "ws")}/v1/socket`;

test("it tells that it is well, and ends at once when it is told to", async () => {
  const keeper = services.keeper();
  const { msg } = await keeper.line("A keeper is ready");
  const address = msg.slice(msg.indexOf("http"));
  expect(await status(address)).toEqual([200, "ready\n"]);
  keeper.signal("SIGTERM");
  expect(await keeper.ended).toStrictEqual({ code: 0, signal: null });
  expect(keeper.errors).toBe("");
});

test("a room whose only node was killed is looked after with nobody there, to the end, by two keepers as by one", async () => {
  const settings = { LIMITS_GRACE: "1s" };
  const keepers = [services.keeper(settings), services.keeper(settings)];
  for (const keeper of keepers) await keeper.line("A keeper is ready");
  const dies = await services.readyEdge(settings);
  const node = String((await dies.line("Heliograph is ready"))["node"]);
  const listed = async () => (await services.redis.command("ZRANGE", "hg:nodes", "0", "-1")).split("\n").includes(node);
  const ann = await TestMember.join(socketOf(dies.address), "tea");
  members.push(ann);
  await ann.say("hello");
  await until("the node is known for its rooms", listed);
  dies.signal("SIGKILL");
  // She never comes back.
  ann.close();
  await dies.ended;
  await until("its rooms were looked after", async () => !(await listed()));
  const lives = await services.readyEdge(settings);
  const bob = await TestMember.join(socketOf(lives.address), "tea");
  members.push(bob);
  expect([...bob.room.members.keys()].filter((id) => id !== bob.room.self)).toStrictEqual([]);
  for (const keeper of keepers) expect(keeper.lines.filter(({ level }) => level === "error")).toStrictEqual([]);
});

test("it waits for NATS and Redis, alive and not ready", async () => {
  const url = new URL(services.nats.urls[0] ?? "");
  const nats = await Gate.before("127.0.0.1", Number(url.port));
  nats.cut();
  const port = await freePort();
  const address = `http://127.0.0.1:${port}/readyz`;
  const keeper = services.keeper({ NATS_SERVERS: `nats://127.0.0.1:${nats.port}`, KEEPER_LISTEN_PORT: String(port) });
  await until("it answers", async () => {
    return fetch(address).then(
      (answer) => answer.status === 503,
      () => false,
    );
  });
  nats.mend();
  await keeper.line("A keeper is ready");
  expect(await status(address)).toEqual([200, "ready\n"]);
  await nats.close();
});

test("a port that is taken is told, with how to choose another", async () => {
  const first = services.keeper();
  const { msg } = await first.line("A keeper is ready");
  const port = new URL(msg.slice(msg.indexOf("http"))).port;
  const second = services.keeper({ KEEPER_LISTEN_PORT: port });
  expect(await second.ended).toStrictEqual({ code: 1, signal: null });
  expect(second.lines.at(-1)?.msg).toContain(`127.0.0.1 port ${port} is taken.`);
  expect(second.lines.at(-1)?.msg).toContain("HELIOGRAPH_KEEPER_LISTEN_PORT=");
});
