// Twilio's and Cloudflare's services as their documentation has them, over real HTTP.
import { TwilioProvider } from "@heliograph/turn";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cloudflareAnswer, twilioAnswer } from "../kit/turn-answers.ts";
import type { Stage } from "./provider-stage.ts";
import { accountSid, disguises, good, Hidden, keyId, keys, makers, shown, stage } from "./provider-stage.ts";

let on: Stage;

beforeEach(async () => {
  on = await stage();
});
afterEach(() => on.service.stop());

const login = { username: "5f0c", password: "pw=" };

test("[turn 8] Twilio is asked with Basic, and its lifetime in text and its doubled URLs become a plain set", async () => {
  on.service.answers(twilioAnswer({ ...login, ttl: 14_400 }, accountSid));
  const provider = makers.twilio(on);
  const outcome = good(await provider.fetch());
  const { method, path, headers, body } = on.service.last;
  expect([method, path, body]).toEqual(["POST", `/2010-04-01/Accounts/${accountSid}/Tokens.json`, "Ttl=14400"]);
  expect(headers).toMatchObject({
    authorization: `Basic ${Buffer.from(`${accountSid}:${keys.authToken}`).toString("base64")}`,
    "content-type": "application/x-www-form-urlencoded",
  });
  expect(outcome).toEqual({
    class: "ok",
    ttl: 14_400,
    set: {
      ...login,
      stun: ["stun:global.stun.example.org:3478"],
      zones: [
        {
          id: "default",
          priority: 0,
          urls: [
            "turn:global.turn.example.org:3478?transport=udp",
            "turn:global.turn.example.org:3478?transport=tcp",
            "turn:global.turn.example.org:443?transport=tcp",
          ],
        },
      ],
    },
  });
  for (const disguise of [...disguises(keys.authToken), accountSid]) {
    expect(shown(provider, outcome)).not.toContain(disguise);
  }
});

test("[turn 8] an API key in place of the account can be revoked alone", async () => {
  on.service.answers(twilioAnswer(login));
  const options = { id: "t", url: on.url, accountSid, keySid: "SK1", secret: new Hidden("s3cret"), ttl: 600 };
  good(await new TwilioProvider(options, on.exchange).fetch());
  expect(on.service.last.path).toContain(accountSid);
  expect(on.service.last.headers["authorization"]).toBe(`Basic ${Buffer.from("SK1:s3cret").toString("base64")}`);
});

test("[turn 9] Cloudflare's set counts from before the question left, ends hard, and has no port 53", async () => {
  let open: () => void = () => {};
  const after = new Promise<void>((resolve) => {
    open = resolve;
  });
  on.service.answers({ ...cloudflareAnswer(login), after });
  const provider = makers.cloudflare(on);
  expect(provider.expiry).toBe("hard");
  const attempt = provider.fetch();
  await on.service.arrived(1);
  await on.clock.advance(4_200);
  open();
  const outcome = good(await attempt);
  expect(outcome.ttl).toBe(43_200 - 5);
  expect(outcome.set).toEqual({
    ...login,
    stun: ["stun:stun.anycast.example:3478"],
    zones: [
      {
        id: "default",
        priority: 0,
        urls: [
          "turn:turn.anycast.example:3478?transport=udp",
          "turn:turn.anycast.example:80?transport=tcp",
          "turns:turn.anycast.example:443?transport=tcp",
        ],
      },
    ],
  });
  expect(outcome.dropped).toEqual([{ reason: "port", count: 2 }]);
  const { method, path, headers, body } = on.service.last;
  expect([method, path, body]).toEqual([
    "POST",
    `/v1/turn/keys/${keyId}/credentials/generate-ice-servers`,
    '{"ttl":43200}',
  ]);
  expect(headers).toMatchObject({ authorization: `Bearer ${keys.keyApiToken}`, "content-type": "application/json" });
});

test("[turn 9] the older form of Cloudflare's answer, one object, is read alike", async () => {
  const { urls, ...rest } = { urls: ["stun:s.example", "turn:t.example"], username: "u", credential: "p" };
  on.service.answers({ status: 201, body: { iceServers: { urls, ...rest } } });
  expect(good(await makers.cloudflare(on).fetch()).set).toEqual({
    username: "u",
    password: "p",
    stun: ["stun:s.example"],
    zones: [{ id: "default", priority: 0, urls: ["turn:t.example"] }],
  });
});

test.each([
  ["no credential", { urls: "turn:t.example", username: "u" }],
  ["no username", { urls: "turn:t.example", credential: "p" }],
  ["an empty credential", { urls: "turn:t.example", username: "u", credential: "" }],
  ["a credential that is no text", { urls: "turn:t.example", username: "u", credential: { password: "p" } }],
])("[turn 11] an answer whose only TURN entry has %s is bad", async (_, entry) => {
  on.service.answers({ status: 201, body: { iceServers: [{ urls: "stun:s.example" }, entry] } });
  const fromCloudflare = await makers.cloudflare(on).fetch();
  expect(fromCloudflare.class).toBe("bad");
  expect(fromCloudflare).not.toHaveProperty("set");
  on.service.answers({ status: 201, body: { username: "u", password: "p", ttl: "600", ice_servers: [entry] } });
  const fromTwilio = await makers.twilio(on).fetch();
  expect(fromTwilio).toEqual({
    class: "bad",
    why: "no TURN URL that browsers take",
    dropped: [{ reason: "syntax", count: 1 }],
  });
});

test("[turn 11] beside a good TURN entry, one that the login does not open is left out and counted", async () => {
  const iceServers = [
    { urls: ["turn:open.example", "stun:open.example"], username: "u", credential: "p" },
    { urls: ["turn:bare.example", "stun:bare.example"] },
    { urls: "turn:other.example", username: "other", credential: "p" },
    { urls: "turn:third.example", username: "u", credential: "other" },
    { urls: ["turn:more.example"], username: "u", credential: "p" },
    "turn:text.example",
  ];
  on.service.answers({ status: 201, body: { iceServers } });
  const { set, dropped } = good(await makers.cloudflare(on).fetch());
  expect(set.zones).toMatchObject([{ urls: ["turn:open.example", "turn:more.example"] }]);
  expect(set.stun).toEqual(["stun:open.example", "stun:bare.example"]);
  expect(dropped).toEqual([{ reason: "syntax", count: 3 }]);
});
