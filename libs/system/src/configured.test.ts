import { loadConfig } from "@heliograph/config";
import { describe, expect, test } from "vitest";
import { busOptionsOf, nodeSettingsOf, storeOptionsOf } from "./configured.ts";

/** Files that settings name hold their own path. */
const configured = (yaml: string) => {
  const loaded = loadConfig({ file: "h.yaml", env: {}, readFile: (path) => (path === "h.yaml" ? yaml : path) });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.mistakes));
  return loaded.config;
};

test("the limits that clients are told, and those they are held to, are the configured ones", () => {
  const settings = nodeSettingsOf(
    configured(
      "limits: {grace: 40s, window: 60s, frameBytes: 8KiB, bodyBytes: 4KiB, bufferedBytes: 64KiB, commandBurst: 7, backlogBytes: 4MiB, guesses: 3}\nturn: {limits: {perUser: 5, perAddress: 6}}",
    ),
  );
  expect(settings.limits).toMatchObject({ grace: 40_000, window: 60_000, frameBytes: 8_192, bodyBytes: 4_096 });
  expect(settings).toMatchObject({
    logLife: 150_000,
    commandBurst: 7,
    backlogBytes: 4_194_304,
    guesses: 3,
    icePerUser: 5,
    icePerAddress: 6,
    tokenLife: 86_400_000,
  });
});

describe("the bus", () => {
  test("is on this machine by default, and keeps entries for two and a half windows", () => {
    expect(busOptionsOf(configured("limits: {window: 60s, frameBytes: 128KiB}"), "edge x")).toStrictEqual({
      servers: ["nats://127.0.0.1:4222"],
      name: "edge x",
      shards: 4,
      replicas: 1,
      maxAge: 150_000,
      maxBytes: 1_073_741_824,
      storage: "file",
      largestFrame: 131_072,
    });
  });

  test("is logged in to with what was configured, secrets in the clear", () => {
    const yaml =
      "nats: {user: u, password: {file: /run/p}, tls: {ca: /ca, cert: /c, key: /k}, replicas: 3, storage: memory}";
    expect(busOptionsOf(configured(yaml), "n")).toMatchObject({
      user: "u",
      password: "/run/p",
      tls: { caFile: "/ca", certFile: "/c", keyFile: "/k" },
      replicas: 3,
      storage: "memory",
    });
    expect(busOptionsOf(configured("nats: {token: t}"), "n")).toMatchObject({ token: "t" });
    expect(busOptionsOf(configured("nats: {nkeySeed: SUA}"), "n")).toMatchObject({ nkeySeed: "SUA" });
    expect(busOptionsOf(configured("nats: {credsFile: /run/c, tls: {}}"), "n")).toMatchObject({
      credsFile: "/run/c",
      tls: {},
    });
  });
});

describe("the store", () => {
  test("is on this machine by default", () => {
    expect(storeOptionsOf(configured(""))).toStrictEqual({
      mode: "single",
      nodes: [{ host: "127.0.0.1", port: 6379 }],
      database: 0,
    });
  });

  test("is found through Sentinels, with a login for each", () => {
    const yaml =
      "redis: {mode: sentinel, nodes: ['[::1]:26379', 'b.example:26380'], sentinelName: calls, sentinelUsername: s, " +
      "sentinelPassword: sp, username: u, password: p, database: 2, tls: {}}";
    expect(storeOptionsOf(configured(yaml))).toStrictEqual({
      mode: "sentinel",
      nodes: [
        { host: "::1", port: 26_379 },
        { host: "b.example", port: 26_380 },
      ],
      sentinelName: "calls",
      sentinelUsername: "s",
      sentinelPassword: "sp",
      username: "u",
      password: "p",
      database: 2,
      tls: {},
    });
  });
});
