// What every IceSource promises.
import type { IceAsker } from "@heliograph/core";
import type { Ability, Stage } from "@heliograph/core/contract";
import { casesOn, need, realm, sessionId } from "@heliograph/core/contract";
import { describe, expect } from "vitest";
import type { IceSource } from "../src/ice-source.ts";
import { readIceUrls } from "../src/ice-url.ts";
import { isLogin } from "../src/login.ts";

export interface IceSourceUnderTest extends Stage {
  /** Has a set to give. */
  readonly source: IceSource;
  /** Milliseconds since 1970 by the clock that the source goes by. */
  now(): number;
  /** Another set than before comes, and what was given before serves on. */
  readonly renewal: Ability<{ renew(): Promise<void> }>;
  /** What was given before serves no longer, and another set is there. */
  readonly withdrawal: Ability<{ withdraw(): Promise<void> }>;
  /** There is no set left to give; and there is one again. */
  readonly loss: Ability<{ lose(): Promise<void>; recover(): Promise<void> }>;
}

export function iceAsker(i: number, user?: string): IceAsker {
  return { realm, session: sessionId(i), address: `address ${i}`, ...(user === undefined ? {} : { user }) };
}

export function iceSourceContract(name: string, make: () => Promise<IceSourceUnderTest>): void {
  const on = casesOn(make);

  describe(`IceSource: ${name}`, () => {
    on("a set is there at once: a login that browsers take, and URLs that they take in every zone", async (stage) => {
      const { source } = stage;
      expect(["fresh", "stale"]).toContain(source.state);
      const held = source.setFor(iceAsker(1));
      expect(held).toBeDefined();
      if (held === undefined) return;
      // By parts: a failure that prints the set would print a password.
      expect(isLogin(held.set)).toBe(true);
      expect(held.set.zones.length).toBeGreaterThan(0);
      for (const { id, urls } of held.set.zones) {
        expect(id).not.toBe("");
        expect(urls.length).toBeGreaterThan(0);
        expect(readIceUrls(urls)).toEqual({ turn: urls, stun: [], dropped: [] });
      }
      expect(readIceUrls(held.set.stun)).toEqual({ turn: [], stun: held.set.stun, dropped: [] });
      expect(held.generation).toBe(source.generation);
      expect(held.generation).toBeGreaterThan(0);
    });

    on("what is given has a life that is not over, and none at all only where nothing expires", async (stage) => {
      const endsAt = stage.source.setFor(iceAsker(1))?.endsAt;
      if (stage.source.expiry === "never") expect(endsAt).toBeUndefined();
      else expect(endsAt).toBeGreaterThan(stage.now());
    });

    on(
      "one session is given the same within a generation, and everybody is by a source that is shared",
      async (stage) => {
        const { source } = stage;
        const [once, again, other] = [iceAsker(1), iceAsker(1), iceAsker(2)].map((asker) => source.setFor(asker));
        expect(again?.generation).toBe(once?.generation);
        expect(again?.set.zones).toEqual(once?.set.zones);
        expect(again?.set.username === once?.set.username).toBe(true);
        expect(other?.set.username === once?.set.username).toBe(source.scope === "shared");
      },
    );

    on(
      "whoever listens is told of another set, until it stops; nothing is withdrawn by that",
      async (stage, context) => {
        const { source } = stage;
        const { renew } = need(stage.renewal, context);
        const [before, withdrawn] = [source.generation, source.withdrawn ?? 0];
        let told = 0;
        const stop = source.onChange(() => {
          told += 1;
        });
        await renew();
        expect(told).toBeGreaterThan(0);
        expect(source.generation).toBeGreaterThan(before);
        expect(source.setFor(iceAsker(1))?.generation).toBe(source.generation);
        expect(source.withdrawn ?? 0).toBe(withdrawn);
        stop();
        const heard = told;
        await renew();
        expect(told).toBe(heard);
      },
    );

    on("a withdrawal names the last generation that serves no longer", async (stage, context) => {
      const { source } = stage;
      const { withdraw } = need(stage.withdrawal, context);
      const before = source.setFor(iceAsker(1))?.generation;
      let seen: number | undefined;
      source.onChange(() => {
        seen = source.withdrawn;
      });
      await withdraw();
      expect(before).toBeDefined();
      expect(seen).toBe(before);
      expect(source.setFor(iceAsker(1))?.generation).toBeGreaterThan(before ?? Number.POSITIVE_INFINITY);
    });

    on("a source that has nothing says so and gives nothing, until it has something", async (stage, context) => {
      const { source } = stage;
      const { lose, recover } = need(stage.loss, context);
      const before = source.generation;
      const states: string[] = [];
      source.onChange(() => states.push(source.state));
      await lose();
      expect(["starting", "none"]).toContain(source.state);
      expect(states.at(-1)).toBe(source.state);
      expect(source.setFor(iceAsker(1)) === undefined).toBe(true);
      await recover();
      expect(["fresh", "stale"]).toContain(source.state);
      expect(states.at(-1)).toBe(source.state);
      expect(source.setFor(iceAsker(1)) === undefined).toBe(false);
      expect(source.generation).toBeGreaterThanOrEqual(before);
    });
  });
}
