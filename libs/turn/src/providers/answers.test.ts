import type { PlainObject } from "@heliograph/codec";
import { SeededRandom } from "@heliograph/core/memory";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hidden } from "../../contract/fixtures.ts";
import type { Exchange, ServiceRequest } from "../http/exchange.ts";
import { parseServiceUrl } from "../http/service-url.ts";
import { isTurn, readIceUrl } from "../ice-url.ts";
import { isLogin } from "../login.ts";
import type { FetchedSet, FetchingProvider } from "../provider.ts";
import { CloudflareProvider } from "./cloudflare.ts";
import { SpreedProvider } from "./spreed.ts";
import { TurnRestProvider } from "./turn-rest.ts";
import { TwilioProvider } from "./twilio.ts";

const clock = { now: () => 1_790_000_000_000 };
const secret = hidden("a key that no answer repeats");

function serviceUrl() {
  const url = parseServiceUrl("https://service.example");
  if (!url.ok) throw new Error(url.detail);
  return url.value;
}

const url = serviceUrl();

/** A service that answers with these members, and repeats the nonce as it must. */
function saying(body: PlainObject): Exchange {
  const nonceOf = ({ body: form }: ServiceRequest) => new URLSearchParams(String(form ?? "")).get("nonce");
  return {
    ask: async (request) => ({
      class: "answered",
      value: { success: true, nonce: nonceOf(request), ...body },
      askedAt: clock.now(),
    }),
  };
}

const providers: Readonly<Record<string, (exchange: Exchange) => FetchingProvider>> = {
  "turn-rest": (exchange) => new TurnRestProvider({ id: "r", url, apiKey: secret }, exchange, clock),
  spreed: (exchange) => new SpreedProvider({ id: "s", url, accessToken: secret }, exchange, new SeededRandom(1)),
  twilio: (exchange) => new TwilioProvider({ id: "t", url, accountSid: "AC0", secret, ttl: 600 }, exchange),
  cloudflare: (exchange) =>
    new CloudflareProvider({ id: "c", url, keyId: "k", keyApiToken: secret, ttl: 600 }, exchange, clock),
};

const json = fc.jsonValue({ maxDepth: 3 });
/** Mostly what belongs there, so that some of the answers are good. */
const mostly = (fitting: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 12, arbitrary: fitting }, { weight: 1, arbitrary: json });
/** Members are now and then not there. */
const nearly = (shape: Record<string, fc.Arbitrary<unknown>>) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.record(shape) },
    { weight: 1, arbitrary: fc.record(shape, { requiredKeys: [] }) },
  );

const iceUrl = mostly(
  fc.oneof(
    fc.constantFrom(
      "turn:a.example",
      "turns:b.example:443",
      "stun:c.example",
      "turn:d.example:53",
      "TURN:a.example",
      "x",
    ),
    fc.integer({ min: 0, max: 99 }).map((n) => `turn:t${n}.example?proto=tcp`),
  ),
);
const text = mostly(
  fc.oneof({ weight: 8, arbitrary: fc.constantFrom("u", "1790000900:x") }, { weight: 1, arbitrary: fc.string() }),
);
const urls = mostly(fc.oneof(fc.array(iceUrl, { maxLength: 80 }), iceUrl));
const ttl = mostly(fc.constantFrom(600, "600", 86_400, 300.5, 119, 1e300));
const entry = nearly({ urls, username: text, credential: text });
const entries = mostly(fc.array(mostly(entry), { maxLength: 6 }));
const server = nearly({ id: text, prio: json, label: text, i18n: fc.dictionary(fc.string(), text), urns: urls });
const turn = nearly({
  username: text,
  password: text,
  ttl,
  geo_uri: text,
  urls,
  servers: mostly(fc.array(mostly(server), { maxLength: 20 })),
});

/** Anything at all, and what is nearly an answer. */
const answers = fc.oneof(
  { weight: 1, arbitrary: fc.dictionary(fc.string(), json) },
  {
    weight: 6,
    arbitrary: nearly({
      username: text,
      password: text,
      ttl,
      uris: urls,
      turn: mostly(turn),
      session: text,
      expires: text,
      ice_servers: entries,
      iceServers: entries,
    }),
  },
);

function promised({ set, ttl: seconds, dropped = [], accountEndsAt = 1 }: FetchedSet): void {
  expect(isLogin(set)).toBe(true);
  expect(Number.isInteger(seconds) && seconds >= 120 && seconds <= 604_800).toBe(true);
  expect(set.zones.length > 0 && set.zones.length <= 16).toBe(true);
  expect(new Set(set.zones.map(({ id }) => id)).size).toBe(set.zones.length);
  let count = set.stun.length;
  for (const { id, priority, urls: given } of set.zones) {
    expect(id.length > 0 && id.length <= 64 && Number.isSafeInteger(priority) && given.length > 0).toBe(true);
    count += given.length;
    for (const one of given) {
      const read = readIceUrl(one);
      expect(read.ok && isTurn(read.url) && read.url.text).toBe(one);
    }
  }
  for (const one of set.stun) {
    const read = readIceUrl(one);
    expect(read.ok && !isTurn(read.url) && read.url.text).toBe(one);
  }
  expect(count).toBeLessThanOrEqual(64);
  for (const drop of dropped) expect(drop.count).toBeGreaterThan(0);
  expect(accountEndsAt).toBeGreaterThan(0);
}

test.each(Object.entries(providers))("whatever %s answers is a set that browsers take, or bad", async (_, make) => {
  let sets = 0;
  await fc.assert(
    fc.asyncProperty(answers, async (body) => {
      const outcome = await make(saying(JSON.parse(JSON.stringify(body)))).fetch(undefined);
      if (outcome.class === "ok") {
        sets += 1;
        promised(outcome);
      } else expect(outcome.class).toBe("bad");
    }),
    { numRuns: 300 },
  );
  expect(sets, "some of the answers were good").toBeGreaterThan(10);
});
