import { describe, expect, test } from "vitest";
import { writeConfig } from "./effective.ts";
import { loadConfig } from "./load.ts";
import { writeMistake } from "./mistake.ts";
import type { Program } from "./relations.ts";
import { reloadable } from "./reload.ts";

interface Given {
  readonly yaml?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly program?: Program | undefined;
}

const hex = "5a".repeat(32);
const secrets = `secrets: [${"s".repeat(43)}]`;
const zones = "zones: [{id: eu, urls: ['turn:eu.example']}]";
const keys = `tokens: {keys: [{id: a, secret: ${hex}}]}\n`;

/** Every file that a setting names is there, and holds a secret. */
function load({ yaml = "", env = {}, program }: Given) {
  return loadConfig({ file: "h.yaml", env, program, readFile: (path) => (path === "h.yaml" ? yaml : `${hex}\n`) });
}

function turnOf(given: Given) {
  const result = load(given);
  if (!result.ok) throw new Error(result.mistakes.map(writeMistake).join("\n"));
  return result.config.turn;
}

function mistakesIn(given: Given): readonly string[] {
  const result = load(given);
  return result.ok ? [] : result.mistakes.map(writeMistake);
}

describe("TURN", () => {
  test("is STUN alone where nothing is said", () => {
    expect(turnOf({})).toEqual({
      providers: [],
      zones: [],
      ttl: 3_600_000,
      anonymous: "grant",
      maxUrls: 4,
      blocked: [],
      limits: { perUser: 20, perAddress: 120 },
      probe: { interval: 60_000 },
      draftApi: { keys: [] },
    });
  });

  test("may come from every kind of provider, in an order, secrets in files", () => {
    const yaml = `turn:
  tagKey: { file: tag }
  providers:
    - { type: secret, id: own, secrets: [{ file: new }, { file: old }] }
    - { type: static, id: lab, username: u, password: { file: p } }
    - { type: spreed, id: remote, url: https://turn.example, clientId: { file: c }, geoHosts: [geo.example] }
    - { type: turn-rest, id: rest, url: https://rest.example/c?x=y, apiKey: { file: k }, keyName: api }
    - { type: twilio, id: tw, accountSid: AC${"0".repeat(32)}, authToken: { file: t } }
    - { type: cloudflare, id: cf, keyId: abc, keyApiToken: { file: t }, ttl: 1d }
  zones:
    - { id: eu, priority: 5, label: Europe, labels: { de: Europa }, hidden: true, urls: [turn:eu.example], regions: [a] }
`;
    for (const program of ["standalone", "keeper"] as const) {
      const { providers, zones: read, tagKey } = turnOf({ yaml, program });
      expect(providers.map(({ type }) => type)).toEqual([
        "secret",
        "static",
        "spreed",
        "turn-rest",
        "twilio",
        "cloudflare",
      ]);
      const [own] = providers;
      expect(own?.type === "secret" && own.secrets.map((each) => each.reveal())).toEqual([hex, hex]);
      expect(providers.slice(4)).toMatchObject([{ ttl: 14_400_000 }, { ttl: 86_400_000 }]);
      expect(tagKey?.reveal()).toEqual(Buffer.from(hex, "hex"));
      expect(read).toEqual([
        {
          id: "eu",
          priority: 5,
          label: "Europe",
          labels: { de: "Europa" },
          hidden: true,
          urls: ["turn:eu.example"],
          regions: ["a"],
        },
      ]);
    }
  });

  test("can be given by variables alone", () => {
    const env = {
      HELIOGRAPH_TURN_PROVIDERS: "[{type: secret, id: own, secrets: [{file: /run/s}]}]",
      HELIOGRAPH_TURN_ZONES: "[{id: eu, urls: ['turn:eu.example'], labels: {de: Europa}}]",
      HELIOGRAPH_TURN_TAG_KEY_FILE: "/run/tag",
      HELIOGRAPH_TURN_STUN: "[]",
      HELIOGRAPH_TURN_BLOCKED: "ann, bob",
      HELIOGRAPH_TURN_DRAFT_API_KEYS: "k".repeat(32),
    };
    expect(turnOf({ env, program: "standalone" })).toMatchObject({ stun: [], blocked: ["ann", "bob"] });
  });

  test("is shown as it is in force, without its secrets", () => {
    const yaml = `turn: {tagKey: ${hex}, ${zones}, providers: [{type: secret, id: own, ${secrets}}]}`;
    const result = load({ yaml });
    if (!result.ok) throw new Error(result.mistakes.map(writeMistake).join("\n"));
    const shown = writeConfig(result.config);
    expect(shown).toContain('- type: secret\n      id: own\n      secrets:\n        - "[redacted]"');
    expect(shown).not.toMatch(/5a5a|ssss/);
  });
});

describe("mistakes in it", () => {
  test.for([
    [`${zones.slice(0, -1)}, {id: eu, urls: ['turn:b']}]`, "turn.zones.1.id names an earlier zone too"],
    ["zones: [{id: eu, urls: []}]", "turn.zones.0.urls has 0 items"],
    ["zones: [{id: eu, urls: ['turn:a b']}]", "turn.zones.0.urls.0 is text. Write an address like turn:"],
    ["zones: [{id: eu, urls: ['turn:a?transport=sctp']}]", "turn.zones.0.urls.0 is text"],
    ["zones: [{id: eu, urls: ['turns:a?transport=udp']}]", "turn.zones.0.urls.0 is text"],
    ["zones: [{id: eu, urls: ['turn:a:70000']}]", "turn.zones.0.urls.0 is text"],
    ["zones: [{id: eu, urls: ['turn:a:53']}]", "turn.zones.0.urls.0 names port 53, where browsers try no TURN"],
    ["zones: [{id: eu, urls: ['turn:[1.2.3.4]']}]", "turn.zones.0.urls.0 has brackets around what is no IPv6 address"],
    ["stun: ['stun:a?transport=udp']", "turn.stun.0 is text. Write an address like stun:"],
    ["stun: ['stun:a', 'stun:b', 'stun:c']", "turn.stun has 3 items"],
    ["ttl: 3600", "turn.ttl is 3600. Write a duration from 10m to 1d"],
    ["anonymous: none", 'turn.anonymous is "none"'],
    ["maxUrls: 1", "turn.maxUrls is 1"],
    ["providers: [{type: sceret, id: a}]", 'turn.providers.0.type is "sceret". Did you mean secret?'],
    ["providers: [{id: a}]", "turn.providers.0.type is missing. Add one of static, secret, spreed,"],
    ["providers: [{type: twilio}]", "turn.providers.0.id is missing"],
    ["providers: [{type: twilio, id: a, apiKey: x}]", "turn.providers.0.apiKey is no setting"],
    ["providers: [{type: twilio, id: a}, {type: cloudflare, id: a}]", "turn.providers.1.id names an earlier provider"],
    ["providers: [{type: cloudflare, id: a, ttl: 49h}]", "turn.providers.0.ttl is"],
    [
      "providers: [{type: turn-rest, id: a, url: 'http://a.example'}]",
      "turn.providers.0.url is text. Write an address",
    ],
    [
      "providers: [{type: static, id: a, password: p}]",
      "turn.providers.0.username is missing. Add 1 to 509 characters.",
    ],
    [
      "providers: [{type: static, id: a, username: u, password: p}]",
      "turn.providers.0 is of type static, and turn.zones is empty",
    ],
    [
      `providers: [{type: secret, id: a, ${secrets}}], ${zones}`,
      "turn.providers.0 is of type secret, and turn.tagKey is",
    ],
    [
      "providers: [{type: secret, id: a, secrets: [short]}]",
      "turn.providers.0.secrets.0 cannot be used. Write at least 32",
    ],
    [
      `providers: [{type: secret, id: a, secrets: ["${"a b".repeat(12)}"]}]`,
      "turn.providers.0.secrets.0 cannot be used",
    ],
    [`providers: [{type: twilio, id: a, keySecret: x}]`, "turn.providers.0.keySecret is given without keySid"],
    ["draftApi: {keys: [short]}", "turn.draftApi.keys.0 cannot be used. Write 16 to 128"],
  ] as const)("%s is told with its line and a remedy", ([inner, says]) => {
    const mistakes = mistakesIn({ yaml: `turn:\n  ${inner.split(/, (?=zones)/).join("\n  ")}` });
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toContain(says);
    expect(mistakes[0]).toMatch(/^h\.yaml:[23]:\d+: /);
  });

  test("are all told at once", () => {
    const yaml = `turn:
  ttl: 5m
  zones:
    - { id: eu, urls: [turn:eu.example] }
    - { id: eu, urls: ["turn:eu.example:22"] }
    - { id: us, urls: [] }
  providers:
    - { type: secret, id: own, secrets: [${"s".repeat(32)}] }
    - { type: sttic, id: own, username: u, password: p }
`;
    expect(mistakesIn({ yaml }).map((each) => each.replace(/ .*/, ""))).toEqual([
      "h.yaml:2:8:",
      "h.yaml:6:23:",
      "h.yaml:9:15:",
    ]);
    const mended = yaml.replace("ttl: 5m", "ttl: 1h").replace("[]", "[turn:us.example]").replace("sttic", "static");
    expect(mistakesIn({ yaml: mended }).map((each) => each.replace(/\. .*/, ""))).toEqual([
      "h.yaml:5:13: turn.zones.1.id names an earlier zone too, so clients could not choose between them",
      "h.yaml:5:24: turn.zones.1.urls.0 names port 22, where browsers try no TURN",
      expect.stringMatching(/^h\.yaml:8:7: turn\.providers\.0 is of type secret, and turn\.tagKey is missing/),
      "h.yaml:9:27: turn.providers.1.id names an earlier provider too, so their logins would be mixed up",
    ]);
  });
});

describe("what opens an account", () => {
  const bare = `${keys}turn: {providers: [{type: spreed, id: a}, {type: turn-rest, id: b}, {type: twilio, id: c}, {type: cloudflare, id: d}]}`;
  const full = `${keys}turn:
  providers:
    - { type: spreed, id: a, url: https://a.example, accessToken: x }
    - { type: turn-rest, id: b, url: https://b.example, apiKey: x }
    - { type: twilio, id: c, accountSid: AC${"0".repeat(32)}, authToken: x }
    - { type: cloudflare, id: d, keyId: x, keyApiToken: x }
`;

  test("is not needed by an edge, which reads what keepers fetched", () => {
    expect(mistakesIn({ program: "edge", yaml: bare })).toEqual([]);
    expect(mistakesIn({ yaml: bare })).toEqual([]);
  });

  test("is refused from an edge, each key at its line", () => {
    const mistakes = mistakesIn({ program: "edge", yaml: full });
    expect(mistakes.map((each) => each.replace(/ is given.*/, ""))).toEqual([
      "h.yaml:4:67: turn.providers.0.accessToken",
      "h.yaml:5:65: turn.providers.1.apiKey",
      expect.stringMatching(/^h\.yaml:6:\d+: turn\.providers\.2\.authToken$/),
      expect.stringMatching(/^h\.yaml:7:\d+: turn\.providers\.3\.keyApiToken$/),
    ]);
    expect(mistakes[0]).toContain("Give it to keepers alone, as with HELIOGRAPH_TURN_PROVIDERS_FILE.");
  });

  test.for(["keeper", "standalone"] as const)("is demanded of %s", (program) => {
    expect(mistakesIn({ program, yaml: full })).toEqual([]);
    expect(mistakesIn({ program, yaml: bare }).map((each) => /has no (.*?),/.exec(each)?.[1])).toEqual([
      "url",
      "accessToken or clientId",
      "url",
      "accountSid",
      "authToken or keySid",
      "keyId",
      "keyApiToken",
    ]);
  });

  test("of our own coturn is an edge's and standalone's, and a keeper may do without", () => {
    const yaml = `${keys}turn: {tagKey: ${hex}, ${zones}, providers: [{type: secret, id: own}]}`;
    for (const program of ["edge", "standalone"] as const) {
      expect(mistakesIn({ program, yaml })).toEqual([expect.stringContaining("turn.providers.0 has no secrets")]);
    }
    expect(mistakesIn({ program: "keeper", yaml })).toEqual([]);
  });
});

describe("a running process", () => {
  const of = (inner: string) => {
    const result = load({ yaml: `turn: {tagKey: ${hex}, ${inner}}` });
    if (!result.ok) throw new Error(result.mistakes.map(writeMistake).join("\n"));
    return result.config;
  };
  const own = (letter: string) => `providers: [{type: secret, id: own, secrets: [${letter.repeat(32)}]}], ${zones}`;

  test("takes over secrets, zones and limits", () => {
    expect(reloadable(of(own("a")), of(own("a")))).toEqual({ changed: [], needRestart: [] });
    expect(reloadable(of(own("a")), of(own("b")))).toEqual({ changed: ["turn.providers"], needRestart: [] });
    expect(reloadable(of(own("a")), of(`${own("a")}, limits: {perUser: 2}, blocked: [mallory]`))).toEqual({
      changed: ["turn.blocked", "turn.limits.perUser"],
      needRestart: [],
    });
    expect(reloadable(of(own("a")), of(own("a").replace("eu.example", "us.example"))).changed).toEqual(["turn.zones"]);
  });

  test("waits with a region and a tag key for its next start", () => {
    expect(reloadable(of(own("a")), of(`${own("a")}, region: eu`)).needRestart).toEqual(["turn.region"]);
  });
});
