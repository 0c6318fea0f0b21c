// What every TurnIssuer promises.
import { describe, expect } from "vitest";
import type { TurnIssuer } from "../src/ports/turn-issuer.ts";
import { realm, sessionId } from "./fixtures.ts";
import type { Ability, Stage } from "./stage.ts";
import { casesOn, need } from "./stage.ts";

export interface TurnIssuerUnderTest extends Stage {
  readonly issuer: TurnIssuer;
  /** What was granted before is withdrawn. */
  readonly renewal: Ability<() => Promise<void>>;
}

export function turnIssuerContract(name: string, make: () => Promise<TurnIssuerUnderTest>): void {
  const on = casesOn(make);

  describe(`TurnIssuer: ${name}`, () => {
    on("a grant is there at once, and browsers accept every server in it", async ({ issuer }) => {
      for (const { urls, username, credential } of issuer.grant(realm, sessionId(1)).servers) {
        expect(urls.length).toBeGreaterThan(0);
        for (const url of urls) {
          expect(url).toMatch(/^(stuns?:[^?]+|turns?:[^?]+(\?transport=(udp|tcp))?)$/);
          // One TURN server without both throws in RTCPeerConnection, and the page gets no connection at all.
          if (url.startsWith("turn")) expect(username && credential).toBeTruthy();
        }
      }
    });

    on("two grants of one session name the same servers", async ({ issuer }) => {
      const urls = () => issuer.grant(realm, sessionId(1)).servers.map((server) => server.urls);
      expect(urls()).toEqual(urls());
    });

    on("whoever listens is told of a renewal, until it stops listening", async ({ issuer, renewal }, context) => {
      const renew = need(renewal, context);
      let told = 0;
      const stop = issuer.onRenewal(() => {
        told += 1;
      });
      await renew();
      expect(told).toBe(1);
      stop();
      await renew();
      expect(told).toBe(1);
    });
  });
}
