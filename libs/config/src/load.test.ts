import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { withDotEnv } from "./environment.ts";
import type { ConfigOption, LoadResult } from "./load.ts";
import { loadConfig } from "./load.ts";
import { writeMistake } from "./mistake.ts";

interface Given {
  readonly yaml?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly options?: readonly ConfigOption[];
}

const hex = "5a".repeat(32);

function load({ yaml, env = {}, files = {}, options = [] }: Given): LoadResult {
  const all: Readonly<Record<string, string>> = yaml === undefined ? files : { ...files, "etc/h.yaml": yaml };
  return loadConfig({
    file: yaml === undefined ? undefined : "etc/h.yaml",
    env,
    options,
    readFile: (path) => {
      const text = all[path];
      if (text === undefined) throw Object.assign(new Error("not there"), { code: "ENOENT" });
      return text;
    },
  });
}

function configOf(given: Given) {
  const result = load(given);
  if (!result.ok) throw new Error(result.mistakes.map(writeMistake).join("\n"));
  return result.config;
}

function mistakesIn(given: Given): readonly string[] {
  const result = load(given);
  return result.ok ? [] : result.mistakes.map(writeMistake);
}

describe("what is given", () => {
  test("nothing at all is the defaults, frozen through", () => {
    const config = configOf({});
    expect(config).toMatchObject({
      listen: { host: "127.0.0.1", port: 8080, basePath: "/" },
      native: { path: "/v1/socket", realm: "default" },
      origins: [],
      limits: { frameBytes: 65_536, bodyBytes: 60_000, grace: 30_000, window: 120_000, bufferedBytes: 1_048_576 },
      tokens: { keys: [], life: 86_400_000 },
      turn: { providers: [], zones: [], ttl: 3_600_000 },
      log: { level: "info", format: "auto" },
    });
    expect(config.listen.tls).toBeUndefined();
    expect(Object.isFrozen(config) && Object.isFrozen(config.limits) && Object.isFrozen(config.tokens.keys)).toBe(true);
  });

  test("an empty file, or a section left empty, is the defaults too", () => {
    expect(configOf({ yaml: "" })).toEqual(configOf({}));
    expect(configOf({ yaml: "# later\nlimits:\nlisten:\n  port:\n" })).toEqual(configOf({}));
  });

  test("options go over variables, variables over the file, the file over the defaults", () => {
    const given = {
      yaml: "listen: {port: 1, host: a, basePath: /c/}",
      env: { HELIOGRAPH_LISTEN_PORT: "2", HELIOGRAPH_LISTEN_HOST: "b" },
    };
    const options = [{ name: "--port", path: "listen.port", text: "3" }];
    expect(configOf({ ...given, options }).listen).toEqual({ port: 3, host: "b", basePath: "/c/" });
  });

  test("the file is the one named, the one HELIOGRAPH_CONFIG names, or heliograph.yaml", () => {
    const files = { "heliograph.yaml": "listen: {port: 1}", "other.yaml": "listen: {port: 2}" };
    expect(configOf({ files }).listen.port).toBe(1);
    const env = { HELIOGRAPH_CONFIG: "other.yaml" };
    expect(configOf({ files, env }).listen.port).toBe(2);
    expect(configOf({ files, env, yaml: "listen: {port: 3}" }).listen.port).toBe(3);
  });

  test("durations and sizes may carry a unit, in the file and in variables", () => {
    const { limits } = configOf({
      yaml: "limits: {window: 5m, frameBytes: 128KiB}",
      env: { HELIOGRAPH_LIMITS_GRACE: "90s" },
    });
    expect(limits).toMatchObject({ window: 300_000, frameBytes: 131_072, grace: 90_000 });
  });

  test("lists in variables are texts between commas, or YAML", () => {
    const config = configOf({
      env: {
        HELIOGRAPH_ORIGINS: "https://a.example, https://b.example",
        HELIOGRAPH_TURN_ZONES: "[{id: eu, urls: ['turn:t.example']}]",
      },
    });
    expect(config.origins).toEqual(["https://a.example", "https://b.example"]);
    expect(config.turn.zones).toMatchObject([{ id: "eu", urls: ["turn:t.example"], hidden: false }]);
  });

  test("a list of texts is none by two brackets, since an empty variable says nothing", () => {
    expect(configOf({ env: { HELIOGRAPH_TURN_STUN: "[]" } }).turn.stun).toEqual([]);
    const env = { HELIOGRAPH_ORIGINS: " [] " };
    expect(configOf({ yaml: "origins: ['https://a.example']", env }).origins).toEqual([]);
  });

  test("an empty variable counts as not set", () => {
    expect(configOf({ env: { HELIOGRAPH_LISTEN_PORT: "", HELIOGRAPH_ORIGINS: "", HELIOGRAPH_CONFIG: "" } })).toEqual(
      configOf({}),
    );
  });

  test("aliases stand for what they name", () => {
    const { limits } = configOf({ yaml: "limits:\n  grace: &g 40s\n  heartbeat: *g\n" });
    expect(limits).toMatchObject({ grace: 40_000, heartbeat: 40_000 });
  });

  test("auto is decided by whether only this machine can connect", () => {
    expect(configOf({})).toMatchObject({ ownPage: "loopback", drain: { lag: 0 } });
    expect(configOf({ yaml: "listen: {host: '::'}" })).toMatchObject({ ownPage: false, drain: { lag: 2_000 } });
    const decided = "listen: {host: '::'}\nownPage: true\ndrain: {lag: 0}";
    expect(configOf({ yaml: decided })).toMatchObject({ ownPage: true, drain: { lag: 0 } });
    expect(configOf({ env: { HELIOGRAPH_OWN_PAGE: "false" } }).ownPage).toBe(false);
  });

  test("files are named from the folder of the configuration file, or from here in a variable", () => {
    const files = { "etc/tls.crt": "c", "/abs/tls.key": "k", "tls.crt": "c" };
    const yaml = "listen: {tls: {cert: tls.crt, key: /abs/tls.key}}";
    expect(configOf({ yaml, files }).listen.tls).toEqual({ cert: "etc/tls.crt", key: "/abs/tls.key" });
    const env = { HELIOGRAPH_LISTEN_TLS_CERT: "tls.crt" };
    expect(configOf({ yaml, files, env }).listen.tls?.cert).toBe("tls.crt");
  });
});

describe("secrets", () => {
  test("may stand in files, and lose the line end there", () => {
    const config = configOf({
      yaml: "tokens: {keys: [{id: a, secret: {file: key}}]}\nnats: {user: u, password: {file: /run/nats}}",
      files: { "etc/key": `${hex}\n`, "/run/nats": "p w\n" },
    });
    expect(config.tokens.keys[0]?.secret.reveal()).toEqual(Buffer.from(hex, "hex"));
    expect(config.nats.password?.reveal()).toBe("p w");
  });

  test("the whole list may come from the file that a variable names", () => {
    const env = { HELIOGRAPH_TOKENS_KEYS_FILE: "/run/keys" };
    const files = { "/run/keys": `- id: a\n  secret: ${hex}\n- {id: b, secret: {file: /run/b}}\n`, "/run/b": hex };
    expect(configOf({ env, files }).tokens.keys.map(({ id }) => id)).toEqual(["a", "b"]);
  });

  test("a variable with and without _FILE is one too many", () => {
    const env = { HELIOGRAPH_TOKENS_KEYS: `[{id: a, secret: ${hex}}]`, HELIOGRAPH_TOKENS_KEYS_FILE: "/run/keys" };
    expect(mistakesIn({ env, files: { "/run/keys": "[]" } })).toEqual([
      "HELIOGRAPH_TOKENS_KEYS_FILE: tokens.keys is given twice, with and without _FILE. Keep one of the two.",
    ]);
  });

  test("never stand in a mistake, wherever they were written by mistake", () => {
    const word = "Tr0ub4dor-and-3";
    const places = [
      `tokens: {keys: [{id: a, secret: ${word}}]}`,
      `tokens: {keys: [{id: a, secret: [${word}]}]}`,
      `tokens: {keys: [{id: a, secret: {${word}: 1}}]}`,
      `tokens: {keys: ${word}}`,
      `tokens: {keys: [${word}]}`,
      `tokens: {key: ${word}}`,
      `tokens: ${word}`,
      `secret: ${word}`,
      `turn: {zones: [{id: a, urls: ['turn:me:${word}@turn.example']}]}`,
      `turn: {stun: ['stun:me:${word}@turn.example']}`,
      `turn: {providers: [{type: static, id: a, username: u, password: {flie: ${word}}}]}`,
      `turn: {providers: [{type: secret, id: a, secrets: [${word}]}]}`,
      `turn: {providers: [{type: turn-rest, id: a, url: 'https://me:${word}@turn.example'}]}`,
      `turn: {providers: [{type: twilio, id: a, accountSid: ${word}, keySid: ${word}}]}`,
      `turn: {providers: [${word}]}`,
      `turn: {tagKey: ${word}}`,
      `turn: {draftApi: {keys: [${word}]}}`,
      `tokens: {keys: [{id: a, secret: "${word}`,
      `tokens:\n  keys:\n  - id: a\n     secret: ${word}\n`,
      `tokens: {keys: [{id: a, secret: *${word}}]}`,
      `tokens: {keys: [{id: a, secret: !${word} x}]}`,
      `tokens: {keys: [{id: a, secret: "\\q${word}"}]}`,
    ];
    for (const yaml of places) {
      const found = mistakesIn({ yaml });
      expect(found.length, yaml).toBeGreaterThan(0);
      expect(found.join("\n"), yaml).not.toContain(word);
    }
    for (const name of ["HELIOGRAPH_TOKENS_KEYS", "HELIOGRAPH_TURN_PROVIDERS", "HELIOGRAPH_TOKENS_KEY"]) {
      const found = mistakesIn({ env: { [name]: `[{secret: ${word}}]` } });
      expect(found.length, name).toBeGreaterThan(0);
      expect(found.join("\n"), name).not.toContain(word);
    }
    const found = mistakesIn({
      env: { HELIOGRAPH_TOKENS_KEYS_FILE: "/run/keys" },
      files: { "/run/keys": `- ${word}` },
    });
    expect(found.join("\n")).not.toContain(word);
  });
});

describe("mistakes", () => {
  test("are told all at once, each where it stands, in the order of the file", () => {
    const yaml = `listen:
  hots: x
  port: 70000
  tls:
    cert: a.pem
limits:
  frameBytes: 64kb
  grace: 5x
tokens:
  keys:
    - ide: a
      secret: short
ownPage: ture
origins: https://a.example
log: {level: infos}
`;
    const env = { HELIOGRAPH_DRAIN_LAG: "-1", HELIOGRAPH_LISTENPORT: "1" };
    const options = [{ name: "--host", path: "listen.host", text: "[::1]" }];
    expect(mistakesIn({ yaml, env, options })).toMatchInlineSnapshot(`
      [
        "etc/h.yaml:2:3: listen.hots is no setting. Did you mean host?",
        "etc/h.yaml:3:9: listen.port is 70000. Write a whole number from 0 to 65535.",
        "etc/h.yaml:5:5: listen.tls.key is missing. Add the path of a file.",
        "etc/h.yaml:5:11: listen.tls.cert names etc/a.pem, which cannot be read (ENOENT). Name a readable file.",
        "etc/h.yaml:7:15: limits.frameBytes is "64kb". Write a size from 1KiB to 1MiB, as in 64KiB, or in bytes.",
        "etc/h.yaml:8:10: limits.grace is "5x". Write a duration from 1s to 1h, as in 30s, or in milliseconds.",
        "etc/h.yaml:11:7: tokens.keys.0.ide is no setting. Did you mean id?",
        "etc/h.yaml:11:7: tokens.keys.0.id is missing. Add 1 to 16 letters, digits, hyphens or underscores.",
        "etc/h.yaml:12:15: tokens.keys.0.secret cannot be used. Write at least 32 bytes in hexadecimal or base64, as \`heliograph token-key\` prints them.",
        "etc/h.yaml:13:10: ownPage is "ture". Did you mean true? Write one of auto, loopback, true, false.",
        "etc/h.yaml:14:10: origins is text. Write a list of 0 to 1024 items, each an origin like https://example.org without a path, or *.",
        "etc/h.yaml:15:14: log.level is "infos". Did you mean info? Write one of trace, debug, info, warn, error, fatal, silent.",
        "--host: listen.host is "[::1]". Write a name or address without brackets, port or scheme.",
        "HELIOGRAPH_DRAIN_LAG: drain.lag is "-1". Write auto, or a duration from 0s to 10m, as in 30s, or in milliseconds.",
        "HELIOGRAPH_LISTENPORT: names no setting. Did you mean HELIOGRAPH_LISTEN_PORT?",
      ]
    `);
  });

  test.for([
    [
      "a tab",
      "listen:\n\tport: 1",
      "etc/h.yaml:2:1: A tab is used to indent. Indent with spaces: YAML allows no tabs there.",
    ],
    [
      "a key twice",
      "web: {}\nweb: {}",
      "etc/h.yaml:2:1: The same setting stands here for the second time. Keep one of the two.",
    ],
    ["a list", "- 1", "etc/h.yaml:1:1: This is a list. Write a mapping of listen, native,"],
    ["an endless alias", "&a\nlisten: *a", "etc/h.yaml:2:9: This nests too deep."],
    ["a number as name", "1: 2", "etc/h.yaml:1:1: A key here is not a name. Write names of settings as keys."],
    ["an item left empty", "origins:\n  -\n", "etc/h.yaml:2:4: origins.0 is empty. Write an origin"],
    ["a fraction", "listen: {port: 1.5}", "etc/h.yaml:1:16: listen.port is 1.5. Write a whole number from 0 to 65535."],
    ["a number in quotes", "listen: {port: '1'}", 'etc/h.yaml:1:16: listen.port is "1". Write a whole number'],
  ] as const)("%s", ([, yaml, says]) => {
    expect(
      mistakesIn({ yaml }).some((each) => each.startsWith(says)),
      mistakesIn({ yaml }).join("\n"),
    ).toBe(true);
  });

  test("a file that was named and is not there is one; one that nobody named is none", () => {
    const readFile = () => {
      throw Object.assign(new Error("none"), { code: "ENOENT" });
    };
    const told = (source: object) => {
      const result = loadConfig({ env: {}, readFile, ...source });
      return result.ok ? [] : result.mistakes.map(writeMistake);
    };
    const says = "The configuration file x.yaml cannot be read (ENOENT). Name a readable file, or leave it out.";
    expect(told({ file: "x.yaml" })).toEqual([`x.yaml: ${says}`]);
    expect(told({ env: { HELIOGRAPH_CONFIG: "x.yaml" } })).toEqual([`HELIOGRAPH_CONFIG: ${says}`]);
    expect(told({})).toEqual([]);
  });

  test("variables that Kubernetes makes for a Service of our name are not ours", () => {
    const env = {
      HELIOGRAPH_SERVICE_HOST: "10.0.0.1",
      HELIOGRAPH_SERVICE_PORT: "8080",
      HELIOGRAPH_SERVICE_PORT_HTTP: "8080",
      HELIOGRAPH_PORT: "tcp://10.0.0.1:8080",
      HELIOGRAPH_PORT_8080_TCP: "tcp://10.0.0.1:8080",
      HELIOGRAPH_EDGE_PORT_8080_TCP_ADDR: "10.0.0.1",
    };
    expect(mistakesIn({ env })).toEqual([]);
    expect(mistakesIn({ env: { HELIOGRAPH_PORT: "8080" } })).toHaveLength(1);
  });

  test.for([
    ["limits: {bodyBytes: 64KiB}", "limits.bodyBytes"],
    ["limits: {frameBytes: 1MiB, bufferedBytes: 64KiB, laneBytes: 2MiB}", "limits.bufferedBytes"],
    ["limits: {laneBytes: 64KiB}", "limits.laneBytes"],
    ["limits: {laneBytes: 4MiB, backlogBytes: 2MiB}", "limits.backlogBytes"],
    ["limits: {grace: 3m}", "limits.grace"],
    ["drain: {lag: 1m}", "drain.lag"],
    ["workers: 3\ninternal: {listen: {port: 65534}}", "internal.listen.port"],
    [`tokens: {keys: [{id: a, secret: ${hex}}, {id: a, secret: ${hex}}]}`, "tokens.keys.1.id"],
  ] as const)("%s is right word by word and wrong together", ([yaml, path]) => {
    const found = load({ yaml });
    expect(found.ok ? [] : found.mistakes.map((each) => each.path)).toEqual([path]);
  });

  test("what must hold between settings is asked beside other mistakes, but not of a wrong setting", () => {
    const found = load({ yaml: "limits: {grace: 3m, frameBytes: 9x, bodyBytes: 70000}" });
    expect(found.ok ? [] : found.mistakes.map((each) => each.path)).toEqual(["limits.grace", "limits.frameBytes"]);
  });

  test("whatever the file holds, there is an answer and no throw", () => {
    const key = fc.constantFrom(
      "listen",
      "port",
      "tls",
      "tokens",
      "keys",
      "secret",
      "limits",
      "grace",
      "file",
      "origins",
    );
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<unknown>(null, true, 3, -1, "30s", "x", hex, "turn:t"),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(key, tie("value"), { maxKeys: 4 }),
      ),
    }));
    const text = fc.oneof(
      value.map((each) => JSON.stringify(each)),
      fc.string(),
    );
    fc.assert(
      fc.property(text, (yaml) => {
        const result = load({ yaml });
        expect(result.ok || result.mistakes.length > 0).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe(".env", () => {
  const readFile = () => "HELIOGRAPH_LISTEN_PORT=1\nHELIOGRAPH_LISTEN_HOST='a'\n";

  test("lies beneath the environment", () => {
    expect(withDotEnv({ HELIOGRAPH_LISTEN_PORT: "2" }, readFile)).toEqual({
      HELIOGRAPH_LISTEN_PORT: "2",
      HELIOGRAPH_LISTEN_HOST: "a",
    });
  });

  test("is not read in production, and need not be there", () => {
    const env = { NODE_ENV: "production" };
    expect(withDotEnv(env, readFile)).toBe(env);
    const none = () => {
      throw new Error("none");
    };
    expect(withDotEnv({}, none)).toEqual({});
  });
});
