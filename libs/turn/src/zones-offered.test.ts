import type { IceGrant } from "@heliograph/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { eu, us } from "../contract/fixtures.ts";
import type { TurnZone } from "./ice-set.ts";
import { offeredZones, withZones } from "./zones-offered.ts";

const hidden: TurnZone = { id: "spare", priority: 1, hidden: true, urls: ["turn:spare.example"] };

function grant(zone = "eu"): IceGrant {
  const iceServers = [{ urls: eu.urls, username: "1790003600:tag", credential: "pass" }];
  return { iceServers, ttl: 60, expiry: "hard", degraded: false, zone };
}

function idsIn(zones: readonly TurnZone[], zone = "eu"): readonly string[] | undefined {
  return withZones(grant(zone), offeredZones(zones, 4)).zones?.map(({ id }) => id);
}

describe("the zones that a client may choose from", () => {
  test("are sorted by priority, with what a client reads of them and nothing else", () => {
    expect(withZones(grant(), offeredZones([us, eu], 4)).zones).toEqual([
      { id: "eu", priority: 10, label: "Europe", labels: { de: "Europa" }, urls: eu.urls },
      { id: "us", priority: 20, label: "North America", urls: us.urls },
    ]);
  });

  test("are there only if there are two", () => {
    expect(idsIn([eu])).toBeUndefined();
    expect(withZones(grant(), offeredZones([eu], 4))).toEqual(grant());
    expect(idsIn([eu, { ...us, urls: ["stun:us.example"] }])).toBeUndefined();
    expect(idsIn([eu, { ...us, id: "" }])).toBeUndefined();
  });

  test("leave the hidden ones out, unless the grant stands in one", () => {
    expect(idsIn([eu, hidden, us])).toEqual(["eu", "us"]);
    expect(idsIn([eu, hidden, us], "spare")).toEqual(["spare", "eu", "us"]);
    expect(idsIn([eu, hidden])).toBeUndefined();
  });

  test("have the URLs that a browser would be given, in that order", () => {
    const zone = { ...eu, urls: [...eu.urls].reverse() };
    const [first] = offeredZones([zone], 2);
    expect(first?.urls).toEqual(eu.urls.slice(0, 2));
    expect(first?.offer.urls).toBe(first?.urls);
  });

  test("are cut off at the end where a grant would be larger than 8 KiB, whatever their labels hold", () => {
    const text = fc.oneof(
      fc.string({ maxLength: 300 }),
      fc.constant('"\\\u0001é🜚'.repeat(80)),
      fc.constant("\u0007".repeat(100)),
    );
    const zone = fc.record({ label: text, labels: fc.dictionary(fc.constantFrom("de", "fr", "ja"), text) });
    fc.assert(
      fc.property(fc.array(zone, { maxLength: 40 }), (labels) => {
        const zones = labels.map((more, i) => ({ ...eu, ...more, id: `zone-${i}`, priority: i }));
        const all = offeredZones(zones, 4);
        const made = withZones(grant("zone-0"), all);
        const size = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length;
        expect(size(made)).toBeLessThanOrEqual(8_192);
        const kept = made.zones ?? [];
        expect(kept).toEqual(all.slice(0, kept.length).map(({ offer }) => offer));
        // One more would have been too many.
        const next = all[kept.length];
        if (kept.length > 0 && next !== undefined) {
          expect(size({ ...made, zones: [...kept, next.offer] })).toBeGreaterThan(8_192);
        }
      }),
    );
  });

  test("of which only one fits are none", () => {
    const long = { ...us, label: "x".repeat(8_000) };
    expect(idsIn([eu, long])).toBeUndefined();
    expect(idsIn([eu, us, { ...long, id: "long", priority: 30 }])).toEqual(["eu", "us"]);
  });
});
