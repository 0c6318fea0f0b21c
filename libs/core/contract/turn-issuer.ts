// What every TurnIssuer promises.
import { describe, expect } from "vitest";
import type { IceAsker, IceChange, IceOccasion, TurnIssuer } from "../src/ports/turn-issuer.ts";
import { realm, sessionId } from "./fixtures.ts";
import type { Ability, Stage } from "./stage.ts";
import { casesOn, need } from "./stage.ts";

export interface TurnIssuerUnderTest extends Stage {
  /** Has credentials to give. */
  readonly issuer: TurnIssuer;
  /** Other credentials than before come. */
  readonly renewal: Ability<{ renew(): Promise<void> }>;
  /** What was granted before serves no longer, and something else does. */
  readonly withdrawal: Ability<{ withdraw(): Promise<void> }>;
  /** All credentials are gone, though there are providers; and there are new ones. */
  readonly loss: Ability<{ lose(): Promise<void>; recover(): Promise<void> }>;
}

const occasions: readonly IceOccasion[] = ["greeting", "resume", "request", "push"];

function asker(i: number, user?: string): IceAsker {
  return { realm, session: sessionId(i), address: `address ${i}`, ...(user === undefined ? {} : { user }) };
}

export function turnIssuerContract(name: string, make: () => Promise<TurnIssuerUnderTest>): void {
  const on = casesOn(make);

  describe(`TurnIssuer: ${name}`, () => {
    on("a grant is there at once, and browsers accept every server in it", async ({ issuer }) => {
      for (const occasion of occasions) {
        const { grant } = issuer.grant(asker(1, "ann"), "auto", occasion);
        for (const { urls, username, credential } of grant.iceServers) {
          expect(urls.length).toBeGreaterThan(0);
          for (const url of urls) {
            expect(url).toMatch(/^(stuns?:[^?]+|turns?:[^?]+(\?transport=(udp|tcp))?)$/);
            // One TURN server without both throws in RTCPeerConnection, and the page gets no connection at all.
            if (url.startsWith("turn")) expect(username && credential).toBeTruthy();
          }
        }
      }
    });

    on("a grant tells whole seconds of life, and none that is over", async ({ issuer }) => {
      const { grant } = issuer.grant(asker(1, "ann"), "auto", "greeting");
      expect(Number.isSafeInteger(grant.ttl)).toBe(true);
      expect(grant.ttl).toBeGreaterThanOrEqual(0);
      if (grant.ttl === 0) expect(grant.expiry).toBe("never");
      expect(grant.degraded).toBe(false);
    });

    on("two grants of one session within a generation name the same servers", async ({ issuer }) => {
      const one = issuer.grant(asker(1, "ann"), "auto", "greeting");
      const two = issuer.grant(asker(1, "ann"), "auto", "request");
      expect(two.generation).toBe(one.generation);
      expect(two.grant.iceServers.map(({ urls }) => urls)).toEqual(one.grant.iceServers.map(({ urls }) => urls));
    });

    on("a zone that nobody knows is wished for in vain, and not refused", async ({ issuer }) => {
      const { grant } = issuer.grant(asker(1, "ann"), { zone: "no such zone" }, "request");
      expect(grant.degraded).toBe(false);
      expect(grant.zone).not.toBe("no such zone");
    });

    on(
      "whoever listens is told of news with a later generation, until it stops",
      async ({ issuer, renewal }, context) => {
        const { renew } = need(renewal, context);
        const before = issuer.grant(asker(1, "ann"), "auto", "greeting").generation;
        const told: IceChange[] = [];
        const stop = issuer.onChange((change) => told.push(change));
        await renew();
        expect(told.length).toBeGreaterThan(0);
        const last = told.at(-1);
        expect(last?.generation).toBeGreaterThan(before);
        expect(last?.state).toBe(issuer.state);
        expect(issuer.grant(asker(1, "ann"), "auto", "push").generation).toBe(last?.generation);
        expect(told.every(({ withdrawn }) => withdrawn === undefined)).toBe(true);
        stop();
        const heard = told.length;
        await renew();
        expect(told).toHaveLength(heard);
      },
    );

    on("a withdrawal names the generations that serve no longer", async ({ issuer, withdrawal }, context) => {
      const { withdraw } = need(withdrawal, context);
      const before = issuer.grant(asker(1, "ann"), "auto", "greeting").generation;
      const told: IceChange[] = [];
      issuer.onChange((change) => told.push(change));
      await withdraw();
      const change = told.find(({ withdrawn }) => withdrawn !== undefined);
      expect(change?.withdrawn).toBeGreaterThanOrEqual(before);
      expect(change?.generation).toBeGreaterThan(change?.withdrawn ?? Number.POSITIVE_INFINITY);
    });

    on(
      "without credentials there is STUN for 60 s, degraded, until there are some",
      async ({ issuer, loss }, context) => {
        const { lose, recover } = need(loss, context);
        const states: string[] = [];
        issuer.onChange(({ state }) => states.push(state));
        await lose();
        expect(issuer.state).toBe("stun-only");
        expect(states.at(-1)).toBe("stun-only");
        const { grant } = issuer.grant(asker(1, "ann"), "auto", "request");
        expect(grant).toMatchObject({ ttl: 60, degraded: true });
        for (const { urls, username, credential } of grant.iceServers) {
          expect([username, credential]).toEqual([undefined, undefined]);
          for (const url of urls) expect(url).toMatch(/^stuns?:/);
        }
        await recover();
        expect(states.at(-1)).toBe("fresh");
        expect(issuer.grant(asker(1, "ann"), "auto", "push").grant.degraded).toBe(false);
      },
    );
  });
}
