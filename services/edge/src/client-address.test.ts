import { describe, expect, test } from "vitest";
import { addressMark, clientAddress } from "./client-address.ts";

const peer = "10.0.0.9";

describe("whose connection it is", () => {
  test.for<[string, number, string | undefined, string]>([
    ["nobody is believed unless told so", 0, "203.0.113.7", peer],
    ["no header leaves the peer", 1, undefined, peer],
    ["one proxy: what it added", 1, "203.0.113.7", "203.0.113.7"],
    ["one proxy: what a client wrote before it counts for nothing", 1, "198.51.100.1, 203.0.113.7", "203.0.113.7"],
    ["two proxies: what the outer one added", 2, "198.51.100.1, 203.0.113.7, 10.0.0.8", "203.0.113.7"],
    ["fewer entries than proxies: somebody came past the outer one", 2, "203.0.113.7", peer],
    ["spaces and tabs", 1, "198.51.100.1,\t203.0.113.7 ", "203.0.113.7"],
    ["an empty entry", 1, "203.0.113.7,", peer],
    ["only commas", 2, ",,", peer],
    ["what is no address", 1, "unknown", peer],
    ["text that breaks out", 1, "203.0.113.7\u0000'; drop", peer],
    ["a port", 1, "203.0.113.7:5678", "203.0.113.7"],
    ["IPv6", 1, "2001:db8::7", "2001:db8::7"],
    ["IPv6 with brackets", 1, "[2001:db8::7]", "2001:db8::7"],
    ["IPv6 with brackets and a port", 1, "[2001:db8::7]:443", "2001:db8::7"],
    ["brackets around nothing", 1, "[]:443", peer],
  ])("%s", ([, trusted, header, expected]) => {
    expect(clientAddress(peer, header, trusted)).toBe(expected);
  });
});

describe("what bans and counters go by", () => {
  const same = (...addresses: string[]) => new Set(addresses.map(addressMark)).size === 1;

  test("is not the address", () => {
    expect(addressMark("203.0.113.7")).toMatch(/^[\w-]{22}$/);
    expect(same("203.0.113.7", "203.0.113.8")).toBe(false);
  });

  test("is one for an IPv6 network of 64 bits, however it is written", () => {
    expect(
      same("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:0DB8:0001:0002::9", "2001:db8:1:2:0:0:0:1"),
    ).toBe(true);
    expect(same("2001:db8:1:2::1", "2001:db8:1:3::1")).toBe(false);
    expect(same("2001:db8::1", "2001:db8:0:0:5::1")).toBe(true);
    expect(same("2001:db8::1", "2001:db8:0:5::1")).toBe(false);
    expect(same("::1", "::2")).toBe(true);
    expect(same("fe80::1%eth0", "fe80::2%eth1")).toBe(true);
  });

  test("is that of the IPv4 address which an IPv6 one stands for", () => {
    expect(same("::ffff:203.0.113.7", "203.0.113.7", "::ffff:cb00:7107")).toBe(true);
    expect(same("::ffff:203.0.113.7", "::ffff:203.0.113.8")).toBe(false);
  });

  test("never throws, whatever a listener or a proxy gives", () => {
    for (const odd of ["", "unknown", "1.2.3", "::ffff:999.1.1.1", "[::1]", "x".repeat(1_000)]) {
      expect(addressMark(odd)).toHaveLength(22);
    }
  });
});
