// The issuer over what the cluster shares: the suite of core, and a stretch of trouble looked at closely.
import type { IceChange } from "@heliograph/core";
import { turnIssuerContract } from "@heliograph/core/contract";
import { expect, onTestFinished, test } from "vitest";
import { issuerSettings } from "../contract/fixtures.ts";
import { iceAsker } from "../contract/ice-source.ts";
import { unprobed } from "../contract/probed-zones.ts";
import { SharingHouse } from "../contract/sharing-house.ts";
import type { IceSource } from "./ice-source.ts";
import { IceIssuer } from "./issuer.ts";

function issuerOver(house: SharingHouse, sources: readonly IceSource[]): IceIssuer {
  return new IceIssuer({
    clock: house.clock,
    observer: { observe: () => undefined },
    sources,
    settings: issuerSettings(),
    health: unprobed,
  });
}

turnIssuerContract("sets that the cluster shares", async () => {
  const house = await SharingHouse.open({ each: 2 });
  const [edge] = house.edges;
  if (edge === undefined) throw new Error("edges were opened");
  const issuer = issuerOver(house, [edge.source]);
  const next = async (): Promise<void> => {
    const { generation } = edge.source;
    await house.clock.runUntil(() => edge.source.generation > generation);
  };
  return {
    issuer,
    renewal: { renew: next },
    withdrawal: { lacks: "a service withdraws nothing: an operator who does writes another set" },
    loss: {
      lose: async () => {
        house.service.trouble = { class: "transient", why: "503" };
        await house.clock.runUntil(() => issuer.state === "stun-only");
      },
      recover: async () => {
        house.service.trouble = undefined;
        await next();
      },
    },
    until: async (holds) => {
      if (!(await house.clock.runUntil(holds))) throw new Error("it never came to pass");
    },
    round: () => house.clock.advance(20),
    end: async () => {
      issuer.close();
      house.close();
      expect(house.faults).toEqual([]);
    },
  };
});

test.each([1, 2])(
  "[turn 22] [turn 23] with trouble in between: no moment in which a grant is over, or STUN while there is TURN (%i)",
  async (seed) => {
    const house = await SharingHouse.open({ seed, each: 2 });
    const issuers = house.edges.map(({ source }) => issuerOver(house, [source]));
    onTestFinished(() => {
      for (const issuer of issuers) issuer.close();
      house.close();
      expect(house.faults).toEqual([]);
    });
    const told: IceChange[] = [];
    issuers[0]?.onChange((change) => told.push(change));
    const look = (): void => {
      for (const [i, issuer] of issuers.entries()) {
        const { grant, generation } = issuer.grant(iceAsker(i), "auto", "request");
        expect(generation).toBeGreaterThan(0);
        if (grant.degraded) {
          expect([grant.ttl, grant.iceServers.flatMap(({ username }) => username ?? [])]).toEqual([60, []]);
          expect(["starting", "stun-only"]).toContain(issuer.state);
          expect(issuer.serving).toBeUndefined();
        } else {
          const left = house.edges[i]?.source.left ?? 0;
          expect(grant.ttl).toBe(Math.floor(left / 1_000));
          expect(grant.ttl).toBeGreaterThan(0);
          expect(["fresh", "stale"]).toContain(issuer.state);
        }
      }
    };
    const minute = 60_000;
    await house.pass(10 * minute, look);
    house.service.trouble = { class: "transient", why: "503" };
    // Steps that fall between seconds find the last one of a set too.
    await house.pass(12 * minute, look, 330);
    expect(issuers.map(({ state }) => state)).toEqual(issuers.map(() => "stun-only"));
    house.service.trouble = undefined;
    await house.pass(3 * minute, look);
    expect(issuers.map(({ state }) => state)).toEqual(issuers.map(() => "fresh"));

    const states = told.map(({ state }) => state);
    const changes = states.filter((state, i) => state !== states[i - 1]);
    expect(changes).toEqual(["fresh", "stale", "stun-only", "fresh"]);
    const generations = told.map(({ generation }) => generation);
    expect(generations).toEqual([...generations].sort((a, b) => a - b));
  },
);
