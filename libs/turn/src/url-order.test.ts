import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { orderUrls } from "./url-order.ts";

const udp = "turn:h.example:3478?transport=udp";
const tls = "turns:h.example:443?transport=tcp";
const tcp = "turn:h.example:443?transport=tcp";

const seven = [
  "turn:h.example:80?transport=tcp",
  "turns:h.example:5349?transport=tcp",
  "turn:h.example:3478?transport=tcp",
  "turn:h.example:5000?transport=udp",
  tcp,
  tls,
  udp,
];

describe("the URLs of a zone that a browser gets", () => {
  test("[turn 33] of seven, one for each way through: UDP 3478, TLS 443, TCP 443", () => {
    expect(orderUrls(seven, 4)).toEqual([udp, tls, tcp]);
  });

  test("[turn 33] are trimmed from the end, and the last one that speaks TLS stays", () => {
    expect(orderUrls(seven, 3)).toEqual([udp, tls, tcp]);
    expect(orderUrls(seven, 2)).toEqual([udp, tls]);
    expect(orderUrls(seven, 1)).toEqual([tls]);
    expect(orderUrls([udp, tcp], 1)).toEqual([udp]);
  });

  test("on other ports are taken where the usual ones are not there, in the order of the zone", () => {
    expect(orderUrls(["turn:h.example:80?transport=tcp", "turn:h.example:8080?transport=tcp"], 4)).toEqual([
      "turn:h.example:80?transport=tcp",
    ]);
    expect(orderUrls(["turn:a.example:5000", "turn:b.example:5001", "turns:c.example"], 4)).toEqual([
      "turn:a.example:5000",
      "turns:c.example",
    ]);
  });

  test("are TURN URLs that browsers take, whatever stood there", () => {
    expect(orderUrls(["turn:h.example:22", "stun:h.example", "http://h.example", "turn:", udp], 4)).toEqual([udp]);
    expect(orderUrls([], 4)).toEqual([]);
    expect(orderUrls([udp], 0)).toEqual([udp]);
  });

  test("[turn 33] are never more than asked for, and TLS is among them whenever the zone speaks it", () => {
    const url = fc
      .tuple(fc.constantFrom("turn", "turns"), fc.constantFrom(443, 80, 3478, 5349), fc.boolean())
      .map(
        ([scheme, port, overTcp]) =>
          `${scheme}:h.example:${port}?transport=${overTcp || scheme === "turns" ? "tcp" : "udp"}`,
      );
    fc.assert(
      fc.property(fc.array(url, { maxLength: 12 }), fc.integer({ min: 1, max: 8 }), (urls, most) => {
        const ordered = orderUrls(urls, most);
        expect(ordered.length).toBeLessThanOrEqual(Math.min(most, 3));
        expect(new Set(ordered).size).toBe(ordered.length);
        for (const one of ordered) expect(urls).toContain(one);
        expect(ordered.length === 0).toBe(urls.length === 0);
        if (urls.includes(tls)) expect(ordered).toContain(tls);
        expect(ordered.some((one) => one.startsWith("turns:"))).toBe(urls.some((one) => one.startsWith("turns:")));
      }),
    );
  });
});
