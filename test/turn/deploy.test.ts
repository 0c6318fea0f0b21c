// What deploy/coturn advises: its files are what its commands print, its settings load, and its recipe relays.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { CoturnPlace } from "@heliograph/cluster";
import { Coturn, heliographCommand } from "@heliograph/cluster";
import { loadConfig } from "@heliograph/config";
import { parseRealm, parseSessionId } from "@heliograph/protocol";
import { IceIssuer, probeRelay, readIceUrl, SecretSource, targetOf } from "@heliograph/turn";
import { unprobed } from "@heliograph/turn/contract";
import { afterAll, describe, expect, test } from "vitest";
import { labSecrets, RelayClients } from "./relay-clients.ts";

const folder = fileURLToPath(new URL("../../deploy/coturn/", import.meta.url));
const [secret] = labSecrets;
const clients = new RelayClients();
const started: Coturn[] = [];

afterAll(async () => {
  clients.closeAll();
  await Promise.all(started.map((coturn) => coturn.stop()));
});

function read(name: string): string {
  return readFileSync(`${folder}${name}`, "utf8");
}

/** What the README types, in its order. */
const typed = [...read("README.md").matchAll(/^heliograph (turn coturn .*)$/gm)].map(([, line = ""]) =>
  line.split(" "),
);

function print(args: readonly string[]): string {
  return execFileSync(process.execPath, [heliographCommand, ...args], { encoding: "utf8", stdio: "pipe" });
}

function settingsIn(name: string, keys = secret) {
  const texts: Readonly<Record<string, string>> = {
    [name]: read(name),
    "/run/secrets/coturn": keys,
    "/run/secrets/turn-tag-key": "5a".repeat(32),
  };
  const loaded = loadConfig({ file: name, env: {}, readFile: (path) => texts[path] ?? "" });
  if (!loaded.ok) throw new Error(loaded.mistakes.map(({ path, problem }) => `${path} ${problem}`).join("\n"));
  return loaded.config.turn;
}

describe("deploy/coturn", () => {
  test.for([
    [0, "turnserver.conf"],
    [1, "public-stun.turnserver.conf"],
  ] as const)("has in it what command %i of its README prints (%s)", ([which, name]) => {
    expect(typed).toHaveLength(2);
    expect(read(name)).toBe(print(typed[which] ?? []));
  });

  test.for(["heliograph.yaml", "public-stun.heliograph.yaml"])("has settings that load, with %s", (name) => {
    const { zones, providers } = settingsIn(name);
    expect(providers.map(({ type }) => type)).toEqual(["secret"]);
    const shown = read("turnserver.conf").match(/turns?:\S+/g);
    expect(zones[0]?.urls).toEqual(shown);
  });

  test("has a recipe whose clients get the public STUN server and a relay of our own that answers no STUN", async () => {
    const configuration = (place: CoturnPlace): string => {
      const { port, tlsPort, minPort, maxPort, certFile, keyFile } = place;
      const lines = print(typed[1] ?? []).split("\n");
      const ours: Readonly<Record<string, string>> = {
        "listening-ip": "127.0.0.1",
        "relay-ip": "127.0.0.1",
        "listening-port": `${port}`,
        "tls-listening-port": `${tlsPort}`,
        "min-port": `${minPort}`,
        "max-port": `${maxPort}`,
        cert: certFile,
        pkey: keyFile,
        userdb: `${place.folder}/turndb`,
        "# static-auth-secret": secret,
      };
      const written = lines
        .filter((line) => !line.startsWith("proc-"))
        .map((line) => {
          const [name = ""] = line.split("=");
          const value = ours[name];
          return value === undefined ? line : `${name.replace("# ", "")}=${value}`;
        });
      // The file is for a newer release, in which these are off unless a line turns them on.
      return [...written, "no-cli", "no-dtls"].join("\n");
    };
    const coturn = await Coturn.start({ configuration, stun: false });
    started.push(coturn);
    // The one line that the release of the tests does not know yet.
    expect(new Set(coturn.output.match(/Bad configuration format: \S+/g))).toEqual(
      new Set(["Bad configuration format: unauthorized-ratelimit"]),
    );
    expect(coturn.output).not.toContain("Wrong address format");

    const { providers, zones, stun = [], tagKey, ttl } = settingsIn("public-stun.heliograph.yaml");
    const [provider] = providers;
    if (provider?.type !== "secret" || tagKey === undefined) throw new Error("it has a provider with secrets");
    const here = zones.map((zone) => ({ ...zone, urls: zone.urls.map((url) => placed(url, coturn)) }));
    const settings = { secrets: provider.secrets, tagKey, ttl: ttl / 1_000, zones: here };
    const clock = { now: Date.now };
    const issuer = new IceIssuer({
      clock,
      observer: { observe: () => {} },
      sources: [new SecretSource(provider.id, settings, clock)],
      settings: { stun, anonymous: "grant", maxUrls: 4, blocked: new Set() },
      health: unprobed,
    });
    const realm = parseRealm("default");
    const session = parseSessionId("s".repeat(22));
    if (!realm.ok || !session.ok) throw new Error("both are well formed");
    const asker = { realm: realm.value, session: session.value, address: "loopback" };
    const { grant } = issuer.grant(asker, "auto", "greeting");
    issuer.close();
    expect(grant.iceServers.map(({ urls }) => urls)).toEqual([here[0]?.urls, ["stun:stun.l.google.com:19302"]]);
    const [turn] = grant.iceServers;
    const login = { username: turn?.username ?? "", password: turn?.credential ?? "" };
    for (const url of turn?.urls ?? []) {
      const target = targetOfUrl(url);
      const found = await probeRelay(target, login, { ca: coturn.certificate });
      expect(found.trouble, url).toBeUndefined();
      expect(found.guards, url).toEqual([
        { peer: "10.255.255.255", refused: true },
        { peer: "169.254.169.254", refused: true },
      ]);
    }
    const client = await clients.connect(coturn, "tcp");
    expect(await client.binding()).toMatchObject({ ok: false });
  });
});

function placed(url: string, { port, tlsPort }: Coturn): string {
  return url.replace("eu.turn.example.org", "127.0.0.1").replace(":3478", `:${port}`).replace(":443", `:${tlsPort}`);
}

function targetOfUrl(url: string) {
  const readUrl = readIceUrl(url);
  const target = readUrl.ok ? targetOf(readUrl.url) : undefined;
  if (target === undefined) throw new Error(`${url} is no TURN server`);
  return target;
}
