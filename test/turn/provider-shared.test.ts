// A real provider behind keepers that fetch and edges that read: what bad answers and refusals mean to the whole cluster.
import type { Happening } from "@heliograph/core";
import { MemoryCluster, SeededRandom, VirtualClock } from "@heliograph/core/memory";
import { parseNodeId } from "@heliograph/protocol";
import type { Exchange, FetchingProvider } from "@heliograph/turn";
import { Fetcher, HttpExchange, SharedSource } from "@heliograph/turn";
import { afterEach, expect, test } from "vitest";
import { spreedAnswer } from "../kit/turn-answers.ts";
import type { Script, ServiceRequest } from "../kit/turn-service.ts";
import { TurnService } from "../kit/turn-service.ts";
import { disguises, keys, makers, serviceUrl, shown } from "./provider-stage.ts";

const second = 1_000;
/** Time moves on so far at once: far below every bound of an attempt, which runs over a real socket. */
const step = 100;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** Two keepers and two edges. */
async function house(script: Script) {
  const service = (await TurnService.start()).answers(script);
  const random = new SeededRandom(5);
  const clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)), shuffle: random });
  const http = new HttpExchange({ clock });
  let open = 0;
  const exchange: Exchange = {
    async ask(request) {
      open += 1;
      const answer = await http.ask(request);
      open -= 1;
      return answer;
    },
  };
  const shared = new MemoryCluster({ clock, random });
  const seen: Happening[] = [];
  const asked: number[] = [];
  const edges: SharedSource[] = [];
  for (const i of [0, 1]) {
    const id = parseNodeId(`node-${i}`.padEnd(22, "-"));
    if (!id.ok) throw new Error(id.reason);
    const { iceSets: sets, nodes } = shared.node(id.value);
    const inner = makers.spreed({ service, clock, exchange, url: serviceUrl(service.url) }, i);
    const provider: FetchingProvider = {
      id: inner.id,
      expiry: inner.expiry,
      fetch: (previous) => {
        asked.push(clock.now());
        return inner.fetch(previous);
      },
    };
    const observer = { observe: (happening: Happening) => seen.push(happening) };
    const fetcher = new Fetcher(provider, { clock, random, sets, nodes, observer });
    const fault = (where: string, error: unknown) => observer.observe({ type: "fault", where, error });
    const edge = new SharedSource(inner, { clock, random, sets, nodes, fault });
    edges.push(edge);
    fetcher.start();
    void edge.start();
    ends.push(
      () => fetcher.close(),
      () => edge.close(),
    );
  }
  ends.push(() => service.stop());
  const pass = async (ms: number, look: () => void = () => undefined) => {
    for (let gone = 0; gone < ms; gone += step) {
      await clock.advance(step);
      while (open > 0) await new Promise((resolve) => setImmediate(resolve));
      await clock.settle();
      look();
    }
  };
  const outcomes = () => seen.flatMap((one) => (one.type === "ice_fetched" ? [one.outcome] : []));
  const users = () => [...new Set(edges.map((edge) => edge.setFor()?.set.username))];
  return { service, clock, seen, asked, pass, outcomes, users, states: () => edges.map(({ state }) => state) };
}

const pausesOf = (asked: readonly number[]) => asked.slice(1).map((at, index) => at - (asked[index] ?? 0));

const named = (username: string) => (request: ServiceRequest) =>
  spreedAnswer(request, { username, password: `password-of-${username}` }, { session: `session-of-${username}` });

test("[turn 7] after another nonce, or no success, the old set stays, and no session sees the new one", async () => {
  const { service, seen, pass, outcomes, users } = await house(named("first"));
  await pass(12 * second);
  expect(users()).toEqual(["first"]);
  const spoilt = (username: string, more: object) => (request: ServiceRequest) => {
    const { body, ...rest } = named(username)(request);
    return { ...rest, body: { ...Object(body), ...more } };
  };
  service.answers(spoilt("forged", { nonce: "f".repeat(64) })).next(spoilt("failed", { success: false }));
  await pass(300 * second, () => expect(users()).toEqual(["first"]));
  expect(outcomes().filter((outcome) => outcome === "bad").length).toBeGreaterThan(2);
  expect(new Set(outcomes())).toEqual(new Set(["ok", "bad"]));
  service.answers(named("third"));
  await pass(75 * second);
  expect(users()).toEqual(["third"]);
  // What the observers were told is all that logs and metrics can say.
  expect(seen.filter(({ type }) => type === "fault")).toEqual([]);
  const told = shown(seen);
  expect(told).toContain("another nonce");
  for (const secret of [keys.accessToken, keys.clientId, "password-of-first", "session-of-first", "forged"]) {
    for (const disguise of disguises(secret)) expect(told).not.toContain(disguise);
  }
});

test("[turn 15] after 401 nobody asks for 300 s", async () => {
  const { asked, pass, outcomes, service } = await house({ status: 401 });
  await pass(299 * second);
  expect(outcomes()).toEqual(["refused"]);
  await pass(3 * second);
  expect(outcomes()).toEqual(["refused", "refused"]);
  const [pause = 0] = pausesOf(asked);
  expect(pause).toBeGreaterThanOrEqual(300 * second);
  expect(service.count).toBe(2);
});

test("[turn 15] after 429 with Retry-After: 120 nobody asks for 120 s", async () => {
  const { asked, pass, outcomes } = await house({ status: 429, headers: { "retry-after": "120" } });
  await pass(119 * second);
  expect(outcomes()).toEqual(["throttled"]);
  await pass(3 * second);
  const [pause = 0] = pausesOf(asked);
  expect(pause).toBeGreaterThanOrEqual(120 * second);
  expect(outcomes()).toEqual(["throttled", "throttled"]);
});

test("[turn 15] three answers of 500 are followed by half a second to one, one to two, two to four", async () => {
  const { asked, pass, outcomes, service, users } = await house(named("last"));
  // The set is half over, and still good, when the service begins to fail.
  await pass(260 * second);
  const before = asked.length;
  service.next({ status: 500 }, { status: 500 }, { status: 500 });
  await pass(30 * second, () => expect(users()).toEqual(["last"]));
  expect(outcomes()).toEqual(["ok", "transient", "transient", "transient", "ok"]);
  const pauses = pausesOf(asked.slice(before));
  expect(pauses).toHaveLength(3);
  for (const [index, pause] of pauses.entries()) {
    const most = second * 2 ** index;
    expect(pause).toBeGreaterThanOrEqual(most / 2);
    // A look may be a step late.
    expect(pause).toBeLessThanOrEqual(most + 2 * step);
  }
});
