import { describe, expect, test } from "vitest";
import { eu, iceSet, issuerSettings } from "../contract/fixtures.ts";
import { iceAsker } from "../contract/ice-source.ts";
import { HandClock, scripted, signing, stand } from "../contract/issuer-stage.ts";
import { ProbedZones } from "../contract/probed-zones.ts";
import { ScriptedSource } from "../contract/scripted-source.ts";
import type { IceIssuer } from "./issuer.ts";
import { SecretSource } from "./providers/secret.ts";

describe("a grant", () => {
  test("has one TURN server with its URLs and one STUN server, and says how long and where", () => {
    const { grant } = stand((clock) => [new SecretSource("own", signing({ zones: [eu] }), clock)]);
    const { iceServers, ...rest } = grant();
    expect(iceServers.map(({ urls }) => urls)).toEqual([eu.urls, ["stun:stun.example.org:3478"]]);
    expect(Object.keys(iceServers[0] ?? {})).toEqual(["urls", "username", "credential"]);
    expect(rest).toEqual({ ttl: 3_600, expiry: "admission", degraded: false, zone: "eu" });
  });

  test("[turn 29] stands in the zone of the wish, and says in which", () => {
    const { issuer } = stand((clock) => [new SecretSource("own", signing(), clock)], { region: "us-east" });
    const zoneOf = (wish: Parameters<IceIssuer["grant"]>[1]) => {
      const { zone, iceServers } = issuer.grant(iceAsker(1), wish, "request").grant;
      expect(iceServers[0]?.urls[0]).toContain(`:${zone}.turn.example.org:`);
      return zone;
    };
    expect([zoneOf("auto"), zoneOf("priority"), zoneOf({ zone: "us" }), zoneOf({ zone: "mars" })]).toEqual([
      "us",
      "eu",
      "us",
      "eu",
    ]);
  });

  test("[turn 29] where the provider has a geo call names it, and stands by priority until the client knows better", () => {
    const clock = new HandClock();
    const source = new ScriptedSource("svc", clock);
    const { issuer } = stand(() => [source], { clock, region: "us-east" });
    source.serve(iceSet({ geo: "https://turn.example.org/geo" }), 3_600_000);
    expect(issuer.grant(iceAsker(1), "auto", "greeting").grant).toMatchObject({
      zone: "eu",
      geo: "https://turn.example.org/geo",
    });
  });

  test("[turn 32] goes round a zone whose probe failed three times, unless it was asked for by name", () => {
    const health = new ProbedZones();
    const { issuer } = stand((clock) => [new SecretSource("own", signing(), clock)], { health });
    const zoneOf = (wish: Parameters<IceIssuer["grant"]>[1]) => issuer.grant(iceAsker(1), wish, "request").grant.zone;
    for (let i = 0; i < 3; i += 1) {
      expect(zoneOf("auto")).toBe("eu");
      health.note("own", "eu", false);
    }
    expect([zoneOf("auto"), zoneOf("priority"), zoneOf({ zone: "eu" })]).toEqual(["us", "us", "eu"]);
    health.note("own", "eu", true);
    expect(zoneOf("auto")).toBe("eu");
  });

  test("[turn 33] of a zone with seven URLs has at most four, TLS on 443 among them", () => {
    const tls = "turns:h.example:443?transport=tcp";
    const urls = ["turn:h.example:80?transport=tcp", "turn:h.example", "turn:h.example:5000", "turn:h.example:5001"];
    urls.push("turn:h.example:443?transport=tcp", "turns:h.example:5349", tls);
    const zones = [{ id: "eu", priority: 1, urls }];
    for (const maxUrls of [1, 2, 3, 4, 8]) {
      const { grant } = stand((clock) => [new SecretSource("own", signing({ zones }), clock)], {
        settings: issuerSettings({ maxUrls, stun: ["stun:a.example", "stun:b.example", "stun:c.example"] }),
      });
      const all = grant().iceServers.flatMap((server) => server.urls);
      expect(all.length).toBeLessThanOrEqual(maxUrls);
      expect(all).toContain(tls);
      expect(all.filter((url) => url.startsWith("stun:"))).toHaveLength(Math.min(2, Math.max(0, maxUrls - 3)));
    }
  });

  test("[turn 11] never holds what a browser would throw on, whatever a source believes of its set", () => {
    const bad = [
      iceSet({ username: "" }),
      iceSet({ password: "" }),
      iceSet({ username: "ü".repeat(255) }),
      iceSet({ username: "a\u0000b" }),
      iceSet({ password: "\ud800" }),
      iceSet({ zones: [] }),
      iceSet({ zones: [{ id: "eu", priority: 1, urls: [] }] }),
      iceSet({
        zones: [{ id: "eu", priority: 1, urls: ["turn:h.example:70000", "turn:h.example:22", "stun:h.example"] }],
      }),
    ];
    for (const set of bad) {
      const { source, grant, issuer } = scripted();
      source.serve(set, 3_600_000);
      // Only a grant shows that the set is no good.
      expect(grant()).toEqual({
        iceServers: [{ urls: ["stun:stun.example.org:3478"] }],
        ttl: 60,
        expiry: "never",
        degraded: true,
      });
      expect(issuer.grant(iceAsker(1), { zone: "eu" }, "request").grant.degraded).toBe(true);
      expect(issuer.state).toBe("stun-only");
      source.serve(iceSet(), 3_600_000);
      expect([issuer.state, grant().degraded]).toEqual(["fresh", false]);
    }
    const { source, grant } = scripted();
    source.serve(
      iceSet({ stun: ["stun:h.example?transport=udp", "stun:ok.example"], username: "a".repeat(509) }),
      3_600_000,
    );
    expect(grant().iceServers.flatMap(({ urls }) => urls)).toEqual([...eu.urls, "stun:ok.example"]);
  });

  test("falls to the next source where the first one's set is none that browsers take", () => {
    const { grant } = stand((clock) => {
      const [first, second] = [new ScriptedSource("a", clock), new ScriptedSource("b", clock)];
      first.serve(iceSet({ password: "" }), 3_600_000);
      second.serve(iceSet({ username: "b" }), 3_600_000);
      return [first, second];
    });
    expect(grant().iceServers[0]?.username).toBe("b");
  });
});

describe("the life of a grant", () => {
  test("[turn 22] is what is left of the set, in whole seconds, and a set is not given in its last", () => {
    const { source, clock, grant } = scripted();
    source.serve(iceSet(), 540_000);
    expect(grant().ttl).toBe(540);
    clock.pass(100.5);
    expect(grant().ttl).toBe(439);
    clock.pass(438.4);
    expect(grant()).toMatchObject({ ttl: 1, degraded: false });
    for (const step of [0.2, 0.8, 0.1, 1, 100]) {
      clock.pass(step);
      expect(grant()).toMatchObject({
        ttl: 60,
        degraded: true,
        iceServers: [{ urls: ["stun:stun.example.org:3478"] }],
      });
    }
  });

  test("[turn 24] whoever gets STUN in the last second of a set is among those who wait for the next one", () => {
    const { source, clock, grant, issuer, told } = scripted();
    source.serve(iceSet(), 540_000);
    clock.pass(539.5);
    expect(source.state).toBe("fresh");
    expect(grant()).toMatchObject({ ttl: 60, degraded: true });
    // Nobody is noted as waiting while the state says that there is TURN.
    expect(issuer.state).toBe("stun-only");
    expect(issuer.serving).toBeUndefined();
    expect(grant().degraded).toBe(true);
    source.fail();
    expect(issuer.state).toBe("stun-only");
    source.serve(iceSet(), 540_000);
    expect(grant().degraded).toBe(false);
    expect(told.map(({ state }) => state)).toEqual(["fresh", "stun-only", "fresh"]);
  });

  test("[turn 23] ends after stale: the set serves to its end, then there is STUN, and everybody can see which", () => {
    const { source, clock, grant, issuer, told } = scripted();
    expect(issuer.state).toBe("starting");
    expect(grant()).toMatchObject({ ttl: 60, degraded: true });
    source.serve(iceSet(), 540_000);
    expect(issuer.state).toBe("fresh");
    const before = grant();
    clock.pass(300);
    source.fail();
    expect(issuer.state).toBe("stale");
    expect(grant()).toEqual({ ...before, ttl: 240 });
    clock.pass(240);
    source.fail();
    expect(issuer.state).toBe("stun-only");
    expect(grant()).toEqual({
      iceServers: [{ urls: ["stun:stun.example.org:3478"] }],
      ttl: 60,
      expiry: "never",
      degraded: true,
    });
    source.serve(iceSet(), 540_000);
    expect(grant().ttl).toBe(540);
    expect(told.map(({ state }) => state)).toEqual(["fresh", "stale", "stun-only", "fresh"]);
    expect(told.every(({ withdrawn }) => withdrawn === undefined)).toBe(true);
    const generations = told.map(({ generation }) => generation);
    // A failure alone is no news to whoever holds a grant.
    expect(generations[1]).toBe(generations[0]);
    expect(generations[3]).toBeGreaterThan(generations[0] ?? Number.POSITIVE_INFINITY);
  });

  test("says nothing more of a failure that repeats", () => {
    const { source, told } = scripted();
    source.serve(iceSet(), 540_000);
    source.fail();
    source.fail();
    source.fail();
    expect(told).toHaveLength(2);
  });
});

describe("who may have TURN", () => {
  test("[turn 26] without a provider everybody gets STUN for good, and nothing is amiss", () => {
    const { issuer, grant, happened } = stand(() => []);
    expect(issuer.state).toBe("off");
    expect(grant()).toEqual({
      iceServers: [{ urls: ["stun:stun.example.org:3478"] }],
      ttl: 0,
      expiry: "never",
      degraded: false,
    });
    expect(happened).toEqual([{ type: "ice_granted", occasion: "request" }]);
    const closed = stand(() => [], { settings: issuerSettings({ stun: [], anonymous: "stun" }) });
    expect(closed.grant()).toEqual({ iceServers: [], ttl: 0, expiry: "never", degraded: false });
  });

  test("[turn 35] where anonymous means STUN, only a proven user gets TURN", () => {
    const { grant, happened } = stand((clock) => [new SecretSource("own", signing(), clock)], {
      settings: issuerSettings({ anonymous: "stun" }),
    });
    expect(grant(1)).toEqual({
      iceServers: [{ urls: ["stun:stun.example.org:3478"] }],
      ttl: 0,
      expiry: "never",
      degraded: true,
    });
    expect(grant(1, "ann")).toMatchObject({ ttl: 3_600, degraded: false });
    expect(happened).toEqual([
      { type: "ice_granted", occasion: "request", shortfall: "anonymous" },
      { type: "ice_granted", provider: "own", zone: "eu", occasion: "request" },
    ]);
  });

  test("a user on the block list gets STUN, from the reload on", () => {
    const { issuer, grant, happened } = stand((clock) => [new SecretSource("own", signing(), clock)]);
    expect(grant(1, "mallory").degraded).toBe(false);
    issuer.reload({ settings: issuerSettings({ blocked: new Set(["mallory"]) }) });
    expect(grant(1, "mallory")).toMatchObject({ ttl: 0, degraded: true, iceServers: [{ urls: [expect.any(String)] }] });
    expect(happened.at(-1)).toEqual({ type: "ice_granted", occasion: "request", shortfall: "blocked" });
    expect(grant(2, "ann").degraded).toBe(false);
    expect(grant(3).degraded).toBe(false);
  });
});
