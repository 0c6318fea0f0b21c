// Ten nodes as processes, and the keeper that is fetching for all of them is killed between its request and its commit.
import { afterEach, expect, test } from "vitest";
import { ClusterServices } from "../kit/cluster-services.ts";
import { PlainClient } from "../kit/plain-client.ts";
import { turnRestAnswer } from "../kit/turn-answers.ts";
import { TurnService } from "../kit/turn-service.ts";
import { until } from "../kit/until.ts";

const login = { username: "a-login-of-everybody", password: "the-password-of-everybody", ttl: 3600 };
const id = "shared";
/** A claim whose holder died holds for 15 s, and the next look comes within 12; the rest is for a busy machine. */
const patience = 60_000;

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

test(
  "[turn 17] another keeper fetches, once for all ten nodes, and sessions that had STUN alone are told",
  async () => {
    const services = await ClusterServices.start();
    ends.push(() => services.stop());
    const service = (await TurnService.start()).next({ hang: "answer" }).answers(turnRestAnswer(login));
    ends.push(() => service.stop());
    const keeper = (name: string) =>
      services.keeper({
        TURN_PROBE_INTERVAL: "0",
        TURN_PROVIDERS: JSON.stringify([{ type: "turn-rest", id, url: `${service.url}/${name}`, apiKey: "k" }]),
      });
    // Two processes of four nodes each.
    const edges = [0, 1].map(() => services.edge({ WORKERS: "4", TURN_PROVIDERS: `[{type: turn-rest, id: ${id}}]` }));
    const first = keeper("first");
    await service.arrived(1);
    const second = keeper("second");
    await second.line("A keeper is ready");
    const ready = (edge: (typeof edges)[number]) =>
      edge.lines.filter(({ msg }) => msg.startsWith("Heliograph is ready"));
    await until("all edges are ready", () => edges.every((edge) => ready(edge).length === 4), patience);

    const clients: PlainClient[] = [];
    ends.push(async () => {
      for (const client of clients) client.socket.terminate();
    });
    for (const edge of edges) {
      for (let i = 0; i < 6; i += 1) {
        clients.push(await PlainClient.joined(`ws://127.0.0.1:${edge.port}/v1/socket`, `lobby-${i}`));
      }
    }
    for (const client of clients) expect(client.frames[0]).toMatchObject({ ice: { degraded: true, iceServers: [] } });

    first.signal("SIGKILL");
    const told = () => clients.map(({ frames }) => frames.find(({ type }) => type === "ice"));
    await until("every session is told", () => told().every((frame) => frame !== undefined), patience);
    for (const frame of told()) {
      expect(frame?.["ice"]).toMatchObject({ degraded: false, iceServers: [{ username: login.username }] });
    }
    expect(service.requests.map(({ path }) => path)).toEqual(["/first", "/second"]);
  },
  3 * patience,
);
