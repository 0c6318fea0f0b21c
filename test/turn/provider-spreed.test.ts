// The remote TURN service of Spreed WebRTC over real HTTP: nonces, the conversation, zones and the geo call.

import { SeededRandom } from "@heliograph/core/memory";
import type { IceSet } from "@heliograph/turn";
import { SpreedProvider } from "@heliograph/turn";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { SpreedMore } from "../kit/turn-answers.ts";
import { spreedAnswer } from "../kit/turn-answers.ts";
import type { ServiceRequest } from "../kit/turn-service.ts";
import type { Stage } from "./provider-stage.ts";
import { good, Hidden, keys, makers, serviceUrl, stage } from "./provider-stage.ts";

let on: Stage;

beforeEach(async () => {
  on = await stage();
});
afterEach(() => on.service.stop());

const login = { username: "u", password: "p", ttl: 86_400 };

const answering = (more: SpreedMore = {}, mend: (body: Record<string, unknown>) => unknown = (body) => body) => {
  on.service.answers((request) => {
    const answer = spreedAnswer(request, login, more);
    return { ...answer, body: mend({ ...(answer.body as Record<string, unknown>) }) };
  });
};

const fetched = (previous?: IceSet) => makers.spreed(on).fetch(previous);

const bearerOf = ({ headers }: ServiceRequest) =>
  Buffer.from((headers["authorization"] ?? "").replace(/^Bearer /, ""), "base64").toString();

test("[turn 6] the service is asked with token, client id and a fresh nonce", async () => {
  answering();
  good(await fetched());
  const { method, path, headers, form } = on.service.last;
  expect([method, path]).toEqual(["POST", "/api/v1/turn/credentials"]);
  expect(headers).toMatchObject({
    "content-type": "application/x-www-form-urlencoded",
    authorization: `Bearer ${Buffer.from(`${keys.accessToken}:`).toString("base64")}`,
  });
  expect([...form.keys()]).toEqual(["nonce", "client_id"]);
  expect(form.get("client_id")).toBe(keys.clientId);
  expect(form.get("nonce")).toMatch(/^[0-9a-f]{64}$/);
});

test("[turn 6] two requests have two nonces, and the second goes on with the first answer's session, from another node too", async () => {
  answering({ session: "opaque/1" });
  const first = makers.spreed(on, 1);
  const { set } = good(await first.fetch(undefined));
  expect(set.session).toBe("opaque/1");
  // Over the wire between nodes, as the shared set goes.
  const shared: IceSet = JSON.parse(JSON.stringify(set));
  answering({ session: "opaque/2" });
  const second = good(await makers.spreed(on, 2).fetch(shared));
  expect(second.set.session).toBe("opaque/2");
  good(await first.fetch(second.set));
  expect(on.service.requests.map(bearerOf)).toEqual([
    `${keys.accessToken}:`,
    `${keys.accessToken}:opaque/1`,
    `${keys.accessToken}:opaque/2`,
  ]);
  const nonces = on.service.requests.map(({ form }) => form.get("nonce"));
  expect(new Set(nonces).size).toBe(3);
  for (const nonce of nonces) expect(nonce).toMatch(/^[0-9a-f]{64}$/);
});

test("[turn 6] with one of token and client id, the other is empty", async () => {
  answering();
  const { exchange, url, service } = on;
  const ask = (options: { readonly accessToken?: Hidden; readonly clientId?: Hidden }) =>
    new SpreedProvider({ id: "s", url, ...options }, exchange, new SeededRandom(9)).fetch(undefined);
  good(await ask({ clientId: new Hidden("only-client") }));
  expect([bearerOf(service.last), service.last.form.get("client_id")]).toEqual([":", "only-client"]);
  good(await ask({ accessToken: new Hidden("only-token") }));
  expect([bearerOf(service.last), service.last.form.get("client_id")]).toEqual(["only-token:", ""]);
});

test("[turn 7] an answer with another nonce, or without success, is bad and gives nobody anything", async () => {
  const without = (name: string) => (body: Record<string, unknown>) => {
    delete body[name];
    return body;
  };
  const mends: readonly ((body: Record<string, unknown>) => unknown)[] = [
    (body) => ({ ...body, nonce: "0".repeat(64) }),
    (body) => ({ ...body, nonce: String(body["nonce"]).toUpperCase() }),
    (body) => ({ ...body, nonce: "" }),
    without("nonce"),
    (body) => ({ ...body, success: false }),
    (body) => ({ ...body, success: "true" }),
    (body) => ({ ...body, success: 1 }),
    without("success"),
    without("turn"),
    (body) => ({ ...body, turn: [] }),
    (body) => ({ ...body, turn: { ...Object(body["turn"]), ttl: undefined } }),
    (body) => ({ ...body, turn: { ...Object(body["turn"]), password: undefined } }),
    (body) => ({ ...body, turn: { ...Object(body["turn"]), servers: [] } }),
  ];
  for (const mend of mends) {
    answering({}, mend);
    const outcome = await fetched();
    expect(outcome.class, String(mend)).toBe("bad");
    expect(outcome).not.toHaveProperty("set");
  }
});

test("zones come with their labels, and hidden ones stay usable", async () => {
  answering({
    session: "s",
    servers: [
      { id: "eu", prio: 10, label: "Europe", i18n: { de: "Europa", "x y": "no", fr: 7 }, urns: ["turn:eu.example"] },
      { id: "test", prio: 0, label: "hidden", urns: ["turn:test.example"] },
      { id: "us", prio: 20, urns: ["turn:us.example", "stun:us.example"] },
      { id: "odd", prio: "first", label: "", i18n: [], urns: "turn:odd.example" },
    ],
  });
  expect(good(await fetched()).set).toEqual({
    username: "u",
    password: "p",
    session: "s",
    stun: ["stun:us.example"],
    zones: [
      { id: "eu", priority: 10, label: "Europe", labels: { de: "Europa" }, urls: ["turn:eu.example"] },
      { id: "test", priority: 0, hidden: true, urls: ["turn:test.example"] },
      { id: "us", priority: 20, urls: ["turn:us.example"] },
      { id: "odd", priority: 0, urls: ["turn:odd.example"] },
    ],
  });
});

test("a service without zones is one zone", async () => {
  answering({}, (body) => ({
    ...body,
    turn: { ttl: 600, username: "u", password: "p", urls: ["turn:flat.example", "stun:flat.example"] },
  }));
  expect(good(await fetched()).set).toMatchObject({
    zones: [{ id: "default", priority: 0, urls: ["turn:flat.example"] }],
    stun: ["stun:flat.example"],
  });
});

test("zones that nobody could name, empty ones and second ones are left out, and their URLs counted", async () => {
  const urns = ["turn:a.example", "turn:b.example"];
  answering({
    servers: [
      { id: "eu", urns: ["turn:eu.example"] },
      { id: "eu", urns },
      { id: "", urns },
      { id: "x".repeat(65), urns },
      { id: "a\u0000b", urns },
      { id: 5, urns },
      { id: "empty", urns: [] },
      { id: "useless", urns: ["turn:x.example:53"] },
      "eu",
      null,
    ],
  });
  const { set, dropped } = good(await fetched());
  expect(set.zones.map(({ id }) => id)).toEqual(["eu"]);
  expect(dropped).toEqual([
    { reason: "syntax", count: 8 },
    { reason: "duplicate", count: 2 },
    { reason: "port", count: 1 },
  ]);
});

test("of more than 16 zones, or 64 URLs in them, the first are taken and the rest is counted", async () => {
  const zone = (id: number, urls: number) => ({
    id: `z${id}`,
    prio: id,
    urns: Array.from({ length: urls }, (_, index) => `turn:t${index}.z${id}.example`),
  });
  answering({ servers: Array.from({ length: 20 }, (_, id) => zone(id, 2)) });
  const many = good(await fetched());
  expect(many.set.zones.map(({ id }) => id)).toEqual(Array.from({ length: 16 }, (_, id) => `z${id}`));
  expect(many.dropped).toEqual([{ reason: "limit", count: 8 }]);
  answering({ servers: Array.from({ length: 5 }, (_, id) => zone(id, 20)) });
  const wide = good(await fetched());
  expect(wide.set.zones.map(({ urls }) => urls.length)).toEqual([20, 20, 20, 4]);
  expect(wide.dropped).toEqual([{ reason: "limit", count: 36 }]);
});

test("the end of the account is told apart from the end of the login", async () => {
  const endOf = async (expires: string) => {
    answering({ expires });
    return good(await fetched());
  };
  expect(await endOf("2027-01-31T12:00:00Z")).toMatchObject({
    ttl: 86_400,
    accountEndsAt: Date.parse("2027-01-31T12:00:00Z"),
  });
  expect((await endOf("2027-01-31T12:00:00.123456789+02:00")).accountEndsAt).toBe(
    Date.parse("2027-01-31T10:00:00.123Z"),
  );
  for (const none of ["0001-01-01T00:00:00Z", "tomorrow", "2027-13-31T12:00:00Z", "31 Jan 2027"]) {
    expect(await endOf(none)).not.toHaveProperty("accountEndsAt");
  }
});

test("[turn 30] clients are sent with the geo call to the service's own host or a named one over https, and nowhere else", async () => {
  const { exchange } = on;
  const provider = (url: string, geoHosts: readonly string[] = []) =>
    new SpreedProvider(
      { id: "s", url: serviceUrl(url), clientId: new Hidden(keys.clientId), geoHosts },
      exchange,
      new SeededRandom(3),
    );
  const geoOf = async (geo: string, geoHosts: readonly string[] = []) => {
    answering({ geo });
    return good(await provider(on.service.url, geoHosts).fetch(undefined)).set.geo;
  };
  expect(await geoOf("https://127.0.0.1/api/v1/turn/geo")).toBe("https://127.0.0.1/api/v1/turn/geo");
  expect(await geoOf("https://geo.example.org/near", ["geo.example.org"])).toBe("https://geo.example.org/near");
  expect(await geoOf("https://geo.example.org/near")).toBeUndefined();
  expect(await geoOf("http://geo.example.org/near", ["geo.example.org"])).toBeUndefined();
  expect(await geoOf("https://u:p@127.0.0.1/near")).toBeUndefined();
  expect(await geoOf(`https://127.0.0.1/near?client=${keys.clientId}`)).toBeUndefined();
});

test("a session that no header could carry is not kept", async () => {
  answering({ session: "x".repeat(2_049) });
  expect(good(await fetched()).set).not.toHaveProperty("session");
  answering({}, (body) => ({ ...body, session: { id: 5 } }));
  expect(good(await fetched()).set).not.toHaveProperty("session");
});

test("an answer that repeats our token goes to nobody", async () => {
  answering({ servers: [{ id: "eu", label: `for ${keys.accessToken}`, urns: ["turn:eu.example"] }] });
  expect(await fetched()).toEqual({ class: "bad", why: "a key of ours in the answer" });
});
