// The TURN REST draft over real HTTP: what is asked, and what of the answers becomes a set.
import { TurnRestProvider } from "@heliograph/turn";
import { afterEach, beforeEach, expect, test } from "vitest";
import { turnRestAnswer } from "../kit/turn-answers.ts";
import type { Stage } from "./provider-stage.ts";
import { good, Hidden, keys, makers, serviceUrl, stage } from "./provider-stage.ts";

let on: Stage;
const now = 1_790_000_000;

beforeEach(async () => {
  on = await stage();
});
afterEach(() => on.service.stop());

const login = { username: "u", password: "p" };
const answered = (body: unknown) => {
  on.service.answers({ body });
  return makers["turn-rest"](on).fetch();
};

test("[turn 4] the service is asked with its key, by GET", async () => {
  on.service.answers(turnRestAnswer(login));
  const { set, ttl } = good(await makers["turn-rest"](on).fetch());
  const { method, path, query, body, headers } = on.service.last;
  expect([method, path, body]).toEqual(["GET", "/", ""]);
  expect([...query]).toEqual([
    ["service", "turn"],
    ["username", "edge"],
    ["key", keys.apiKey],
  ]);
  expect(headers).toMatchObject({ accept: "application/json" });
  expect(ttl).toBe(600);
  expect(set).toEqual({
    username: "u",
    password: "p",
    zones: [
      {
        id: "default",
        priority: 0,
        urls: ["turn:turn.example.org:3478?transport=udp", "turns:turn.example.org:443?transport=tcp"],
      },
    ],
    stun: [],
  });
});

test("[turn 4] where the service calls its key `api`, it is asked so", async () => {
  on.service.answers(turnRestAnswer(login));
  const { exchange, clock, service } = on;
  const options = { id: "r", url: on.url, apiKey: new Hidden("K"), keyName: "api" };
  good(await new TurnRestProvider(options, exchange, clock).fetch());
  expect(service.last.target).toBe("/?service=turn&api=K");
});

test("[turn 4] what is not configured is not asked for, and the address' own query stays", async () => {
  on.service.answers(turnRestAnswer(login));
  const url = serviceUrl(`${on.service.url}/turn/v2?tenant=7`);
  good(await new TurnRestProvider({ id: "r", url }, on.exchange, on.clock).fetch());
  expect(on.service.last.target).toBe("/turn/v2?tenant=7&service=turn");
});

test("[turn 5] without a ttl the set ends at the second in the username, or after an hour", async () => {
  const { uris } = { uris: ["turn:h.example"] };
  expect(good(await answered({ username: `${now + 900}:x`, password: "p", uris })).ttl).toBe(900);
  expect(good(await answered({ username: `${now + 900}`, password: "p", uris, ttl: null })).ttl).toBe(900);
  expect(good(await answered({ username: "x", password: "p", uris })).ttl).toBe(3_600);
  // A longer number, or one behind the tag, is no such second.
  expect(good(await answered({ username: `${now + 900}1:x`, password: "p", uris })).ttl).toBe(3_600);
  expect(good(await answered({ username: `x:${now + 900}`, password: "p", uris })).ttl).toBe(3_600);
});

test("[turn 5] of a ttl and the second in the username, the sooner counts", async () => {
  const { uris } = { uris: ["turn:h.example"] };
  const ttlOf = async (username: string, ttl: unknown) =>
    good(await answered({ username, password: "p", uris, ttl })).ttl;
  expect(await ttlOf(`${now + 900}:x`, 86_400)).toBe(900);
  expect(await ttlOf(`${now + 86_400}:x`, 600)).toBe(600);
  expect(await ttlOf(`${now + 900}:x`, "300")).toBe(300);
});

test("a set that ends within two minutes is bad, and one that is said to last for years lasts a week", async () => {
  const uris = ["turn:h.example"];
  const classOf = async (more: object) => (await answered({ ...login, uris, ...more })).class;
  expect(await classOf({ ttl: 120 })).toBe("ok");
  expect(await classOf({ ttl: 119.9 })).toBe("bad");
  expect(await classOf({ ttl: 0 })).toBe("bad");
  expect(await classOf({ ttl: -5 })).toBe("bad");
  expect(await classOf({ ttl: "soon" })).toBe("bad");
  expect(await classOf({ ttl: {} })).toBe("bad");
  expect(await classOf({ username: `${now + 100}:x`, ttl: 600 })).toBe("bad");
  expect(await classOf({ username: `${now - 100}:x` })).toBe("bad");
  expect(good(await answered({ ...login, uris, ttl: 1e300 })).ttl).toBe(604_800);
  expect(good(await answered({ ...login, uris, ttl: 900.9 })).ttl).toBe(900);
});

test("[turn 10] an old query, an upper-case scheme and a duplicate are mended or merged, DTLS is dropped and counted", async () => {
  const outcome = good(
    await answered({
      ...login,
      ttl: 600,
      uris: [
        "turn:a.example?proto=tcp",
        "TURN:b.example:3478?transport=UDP",
        "turn:b.example:3478?transport=udp",
        "turns:c.example?transport=udp",
      ],
    }),
  );
  expect(outcome.set.zones).toMatchObject([
    { urls: ["turn:a.example?transport=tcp", "turn:b.example:3478?transport=udp"] },
  ]);
  expect(outcome.dropped).toEqual(
    expect.arrayContaining([
      { reason: "duplicate", count: 1 },
      { reason: "transport", count: 1 },
    ]),
  );
  expect(outcome.dropped).toHaveLength(2);
});

test("STUN among the URLs goes where no login is sent, and other names of the list are read", async () => {
  for (const name of ["uris", "urls", "url", "urns"]) {
    const { set, dropped } = good(await answered({ ...login, [name]: ["stun:s.example", "turn:t.example"] }));
    expect(set.stun).toEqual(["stun:s.example"]);
    expect(set.zones).toMatchObject([{ urls: ["turn:t.example"] }]);
    expect(dropped).toBeUndefined();
  }
});

test.each([
  ["no URL", { ...login, ttl: 600 }],
  ["no URL that is one", { ...login, uris: ["http://x", 7, null, {}, "turn:"] }],
  ["STUN alone", { ...login, uris: ["stun:s.example"] }],
  ["no username", { password: "p", uris: ["turn:t.example"] }],
  ["an empty password", { username: "u", password: "", uris: ["turn:t.example"] }],
  ["a number as password", { username: "u", password: 5, uris: ["turn:t.example"] }],
  ["a username that Chromium throws on", { username: "u".repeat(510), password: "p", uris: ["turn:t.example"] }],
])("[turn 11] an answer with %s is bad, and gives nobody anything", async (_, body) => {
  const outcome = await answered(body);
  expect(outcome.class).toBe("bad");
  expect(outcome).not.toHaveProperty("set");
});

test("URLs that leave none are told with the bad answer", async () => {
  expect(await answered({ ...login, uris: ["turn:x.example:22", "turn:x.example:53", "x"] })).toEqual({
    class: "bad",
    why: "no TURN URL that browsers take",
    dropped: [
      { reason: "port", count: 2 },
      { reason: "syntax", count: 1 },
    ],
  });
});

test("of more than 64 URLs the first are taken and the rest are counted", async () => {
  const uris = Array.from({ length: 70 }, (_, index) => `turn:t${index}.example`);
  const { set, dropped } = good(await answered({ ...login, uris }));
  expect(set.zones[0]?.urls).toEqual(uris.slice(0, 64));
  expect(dropped).toEqual([{ reason: "limit", count: 6 }]);
});

test("an answer that repeats our key goes to nobody", async () => {
  const uris = ["turn:t.example"];
  const bad = { class: "bad", why: "a key of ours in the answer" };
  expect(await answered({ ...login, username: `x:${keys.apiKey}`, uris })).toEqual(bad);
  expect(await answered({ username: "u", password: keys.apiKey, uris })).toEqual(bad);
});
