import { describe, expect, test } from "vitest";
import { loadConfig } from "./load.ts";
import { writeMistake } from "./mistake.ts";
import type { Program } from "./relations.ts";

interface Given {
  readonly yaml?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly program?: Program | undefined;
}

const key = `tokens: {keys: [{id: a, secret: ${"5a".repeat(32)}}]}\n`;

/** Every file that a setting names is there, and says where it lies. */
function load({ yaml = "", env = {}, program }: Given) {
  return loadConfig({ file: "h.yaml", env, program, readFile: (path) => (path === "h.yaml" ? yaml : `in ${path}\n`) });
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

describe("a cluster", () => {
  test("is on this machine where nothing is said", () => {
    expect(configOf({})).toMatchObject({
      workers: 1,
      nats: { servers: ["nats://127.0.0.1:4222"], shards: 4, replicas: 1, maxBytes: 1_073_741_824, storage: "file" },
      redis: { mode: "single", nodes: ["127.0.0.1:6379"], database: 0 },
      keeper: { listen: { host: "127.0.0.1", port: 8081 } },
    });
    expect([configOf({}).nats.tls, configOf({}).redis.tls]).toEqual([undefined, undefined]);
  });

  test("can be described by variables alone, its secrets in files", () => {
    const { nats, redis, workers } = configOf({
      env: {
        HELIOGRAPH_WORKERS: "2",
        HELIOGRAPH_NATS_SERVERS: "tls://a.example:4222, nats://[::1]:4223",
        HELIOGRAPH_NATS_USER: "edge",
        HELIOGRAPH_NATS_PASSWORD_FILE: "/run/nats",
        HELIOGRAPH_REDIS_MODE: "cluster",
        HELIOGRAPH_REDIS_NODES: "a.example:6379,b.example:6379",
        HELIOGRAPH_REDIS_PASSWORD: "secret",
        HELIOGRAPH_REDIS_TLS_CA: "/run/ca.crt",
      },
    });
    expect(workers).toBe(2);
    expect(nats).toMatchObject({ servers: ["tls://a.example:4222", "nats://[::1]:4223"], user: "edge" });
    expect(nats.password?.reveal()).toBe("in /run/nats");
    expect(redis).toMatchObject({ mode: "cluster", nodes: ["a.example:6379", "b.example:6379"] });
    expect(redis.password?.reveal()).toBe("secret");
    expect(redis.tls).toEqual({ ca: "/run/ca.crt" });
  });

  test("is spoken to by TLS when the mapping is there, empty as it may be", () => {
    expect(configOf({ yaml: "nats: {tls: {}}\nredis: {tls: {}}" })).toMatchObject({
      nats: { tls: {} },
      redis: { tls: {} },
    });
  });
});

describe("mistakes in it", () => {
  test.for([
    ["nats: {servers: ['nats://me:pass@a.example']}", "nats.servers.0 is text. Write an address like nats://"],
    ["nats: {servers: []}", "nats.servers has 0 items"],
    ["nats: {replicas: 2}", "nats.replicas is even"],
    ["nats: {user: u}", "nats.user is given without nats.password. Add nats.password, or remove it."],
    ["nats: {password: p}", "nats.password is given without nats.user."],
    ["nats: {token: t, nkeySeed: s}", "nats.nkeySeed is given beside nats.token"],
    ["nats: {tls: {cert: c}}", "nats.tls.cert and its key go together"],
    ["redis: {nodes: ['redis://a.example:6379']}", "redis.nodes.0 is text. Write a host and its port"],
    ["redis: {nodes: [a.example]}", "redis.nodes.0 is text. Write a host and its port"],
    ["redis: {mode: sentinel}", "redis.mode is sentinel, and nothing says which server"],
    ["redis: {sentinelName: a}", "redis.sentinelName is for Sentinels, and redis.mode is single."],
    ["redis: {mode: cluster, database: 1}", "redis.database is another than 0"],
    ["redis: {mode: sentinal, sentinelName: a}", "Did you mean sentinel?"],
    ["redis: {tls: {key: k}}", "redis.tls.cert and its key go together"],
    ["workers: 0", "workers is 0. Write a whole number from 1 to 256."],
  ] as const)("%s is told with its line and a remedy", ([yaml, says]) => {
    const mistakes = mistakesIn({ yaml });
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toContain(says);
    expect(mistakes[0]).toMatch(/^h\.yaml:1:\d+: /);
  });

  test("quote no secret", () => {
    const yaml =
      "nats: {servers: ['nats://me:hunter2@a'], token: {fiel: hunter2}}\nredis: {nodes: ['x:hunter2@a:1'], password: [hunter2]}";
    expect(mistakesIn({ yaml })).toHaveLength(4);
    expect(mistakesIn({ yaml }).join("\n")).not.toContain("hunter2");
  });
});

describe("an edge without a token key", () => {
  test("is refused, with the command that makes one", () => {
    expect(mistakesIn({ program: "edge" })).toEqual([
      "heliograph edge: tokens.keys is empty, so no other node could verify what this one signed, and nobody could " +
        "resume there. Make a key with `heliograph token-key` and give every edge the same, in the file or in " +
        "HELIOGRAPH_TOKENS_KEYS.",
    ]);
    expect(mistakesIn({ program: "edge", yaml: "tokens:\n  keys: []\n" })[0]).toMatch(
      /^h\.yaml:2:9: tokens\.keys is empty/,
    );
  });

  test("is told of what its key holds instead, where it holds a mistake", () => {
    const mistakes = mistakesIn({ program: "edge", yaml: "tokens: {keys: [{id: a, secret: short}]}" });
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toContain("tokens.keys.0.secret cannot be used");
  });

  test.for(["standalone", "keeper", undefined] as const)("is no matter to %s", (program) => {
    expect(mistakesIn({ program })).toEqual([]);
    expect(mistakesIn({ program, yaml: key })).toEqual([]);
  });

  test("starts once it has one", () => {
    expect(mistakesIn({ program: "edge", yaml: key })).toEqual([]);
  });
});
