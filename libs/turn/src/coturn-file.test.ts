import { describe, expect, test } from "vitest";
import type { CoturnFileOptions } from "./coturn-file.ts";
import { coturnDefaults, coturnFile } from "./coturn-file.ts";
import { deniedPeers } from "./denied-peers.ts";

const plain: CoturnFileOptions = {
  ...coturnDefaults,
  addresses: ["192.0.2.10"],
  udp: { port: 3478 },
  tcp: { port: 3478 },
  tls: { port: 443, cert: "/etc/coturn/cert.pem", key: "/etc/coturn/key.pem" },
  realm: "turn.example.org",
};
const secret = "s".repeat(32);

function linesOf(changes: Partial<CoturnFileOptions> = {}): readonly string[] {
  const file = coturnFile({ ...plain, ...changes });
  if (!file.ok) throw new Error(file.mistakes.join("\n"));
  return file.text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

function mistakesOf(changes: Partial<CoturnFileOptions>): readonly string[] {
  const file = coturnFile({ ...plain, ...changes });
  return file.ok ? [] : file.mistakes;
}

/** `without` takes a setting away, where its absence says something. */
function without(name: "udp" | "tcp" | "tls"): Partial<CoturnFileOptions> {
  const { [name]: _, ...rest } = plain;
  return rest;
}

function lines(options: Partial<CoturnFileOptions>): readonly string[] {
  const file = coturnFile({ ...coturnDefaults, addresses: [], realm: "", ...options });
  return file.ok ? file.text.split("\n") : file.mistakes;
}

describe("the configuration of coturn", () => {
  test.for(["production", "4.6.1"] as const)("of %s holds what keeps a relay from being everybody's", (release) => {
    const written = linesOf({ release });
    for (const line of ["use-auth-secret", "no-tcp-relay", "no-multicast-peers", "fingerprint", "stale-nonce=600"])
      expect(written).toContain(line);
    for (const { from, to } of deniedPeers) expect(written).toContain(`denied-peer-ip=${from}-${to}`);
    expect(written.filter((line) => line.startsWith("denied-peer-ip="))).toHaveLength(deniedPeers.length);
    const forbidden =
      /^(oauth|server-relay|web-admin|mobility|allow-loopback-peers|no-auth\b(?!-)|lt-cred-mech|user=|prometheus-username|cli\b|allowed-peer-ip|syslog)/;
    expect(written.filter((line) => forbidden.test(line))).toEqual([]);
  });

  test("names each of an option once, but for those that are lists", () => {
    const names = linesOf().map((line) => line.split("=")[0] ?? "");
    const twice = names.filter((name, i) => names.indexOf(name) !== i && name !== "denied-peer-ip");
    expect(twice).toEqual([]);
  });

  test("writes only what the release knows: newer ones dropped the switches whose doors they closed", () => {
    const gone = [
      "no-tlsv1",
      "no-tlsv1_1",
      "no-dtls",
      "no-cli",
      "no-software-attribute",
      "no-stun-backward-compatibility",
    ];
    expect(linesOf({ release: "4.6.1" })).toEqual(expect.arrayContaining(gone));
    for (const line of gone) expect(linesOf()).not.toContain(line);
    expect(linesOf()).toContain("unauthorized-ratelimit");
    expect(linesOf({ release: "4.6.1" })).not.toContain("unauthorized-ratelimit");
  });

  test("turns off the listeners that are not named", () => {
    expect(lines(without("udp"))).toEqual(expect.arrayContaining(["no-udp", "listening-port=3478"]));
    expect(lines(without("tcp"))).toEqual(expect.arrayContaining(["no-tcp", "listening-port=3478"]));
    expect(lines(without("tls"))).toContain("no-tls");
    expect(lines(without("tls")).join("\n")).not.toMatch(/^(cert|pkey|tls-listening-port)=/m);
    expect(linesOf().join("\n")).not.toMatch(/^no-(udp|tcp|tls|stun)$/m);
    expect(linesOf({ stun: false })).toContain("no-stun");
  });

  test("lets two clients of one relay behind NAT meet where the deny list would part them", () => {
    const behind = linesOf({ external: { public: "8.8.4.4", private: "10.0.0.5" } });
    expect(behind).toContain("external-ip=8.8.4.4/10.0.0.5");
    expect(behind.filter((line) => line.startsWith("allowed-peer-ip"))).toEqual(["allowed-peer-ip=10.0.0.5"]);
  });

  test("holds the secrets in their order, and no line for one that is not there", () => {
    const other = "t".repeat(43);
    expect(linesOf({ secrets: [secret, other] }).filter((line) => line.includes("auth-secret"))).toEqual([
      "use-auth-secret",
      `static-auth-secret=${secret}`,
      `static-auth-secret=${other}`,
    ]);
    expect(linesOf().filter((line) => line.startsWith("static-auth-secret"))).toEqual([]);
  });

  test("shows the zone that belongs to it", () => {
    const file = coturnFile({ ...plain, zone: { id: "eu", host: "eu.turn.example.org" } });
    expect(file.ok && file.text).toContain("- turns:eu.turn.example.org:443?transport=tcp");
  });

  test.for<readonly [Partial<CoturnFileOptions>, RegExp]>([
    [{ addresses: [] }, /no address/],
    [{ addresses: ["::1"] }, /not one IPv4 address/],
    [{ addresses: ["0.0.0.0"] }, /not one IPv4 address/],
    [{ tcp: { port: 80 } }, /one port/],
    [{ tls: { port: 3478, cert: "/c", key: "/k" } }, /of its own/],
    [{ tls: { port: 443, cert: "/a b", key: "/k" } }, /as a path/],
    [{ realm: "a b" }, /realm/],
    [{ realm: "a\ncli" }, /realm/],
    [{ secrets: ["short"] }, /at least 32/],
    [{ secrets: [`${secret}\noauth`] }, /at least 32/],
    [{ secrets: [secret, secret] }, /twice/],
    [{ relayPorts: { from: 30_000, to: 40_000 } }, /Relay ports/],
    [{ relayPorts: { from: 3_000, to: 4_000 } }, /among the relay ports/],
    [{ quota: { user: 2, total: 1 } }, /larger/],
    [{ zone: { id: "EU", host: "a" } }, /zone/],
    [{ runAs: { user: "a b", group: "c" } }, /User and group/],
  ])("refuses %j in words", ([changes, says]) => {
    expect(mistakesOf(changes).join("\n")).toMatch(says);
    expect(mistakesOf(changes).join("\n")).not.toContain(secret);
  });
});
