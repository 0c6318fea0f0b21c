import { type KeyRing, Signer } from "@heliograph/core";
import { SeededRandom } from "@heliograph/core/memory";
import type { Realm, SessionId } from "@heliograph/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Credentials, type Identity, tokenLife } from "./credentials.ts";

/** Halves of pairs and control characters too. */
const anyText = fc.array(fc.nat(0xffff), { maxLength: 100 }).map((units) => String.fromCharCode(...units));
const now = 1_790_000_000_000;
const ringOf = (...fills: [number, ...number[]]): KeyRing => {
  const [first, ...others] = fills.map((fill) => ({ id: `k${fill}`, secret: new Uint8Array(32).fill(fill) }));
  if (first === undefined) throw new Error("a ring has a key");
  return [first, ...others];
};
const credentialsOf = (ring: KeyRing = ringOf(1), realm = "default") =>
  new Credentials(new Signer(ring), new SeededRandom(6), realm as Realm);

describe("Id and Sid", () => {
  test("[spreed 4] of 1000 new sessions each Sid is of its own Id and of no other", () => {
    const own = credentialsOf();
    const elsewhere = credentialsOf();
    const all = Array.from({ length: 1_000 }, () => own.open(undefined, now));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1_000);
    expect(new Set(all.map(({ sid }) => sid)).size).toBe(1_000);
    all.forEach(({ id, sid }, at) => {
      expect(elsewhere.isPair(id, sid)).toBe(true);
      expect(own.isPair(id, all[(at + 1) % all.length]?.sid ?? "")).toBe(false);
    });
  });

  test("[spreed 5] sorted Ids stand in no order of their making", () => {
    const own = credentialsOf();
    const made = Array.from({ length: 1_000 }, (_, at) => own.open(undefined, now + at).id);
    const rank = new Map([...made].sort().map((id, place) => [id, place]));
    const places = made.map((id) => rank.get(id) ?? 0);
    // Ranks that follow the time correlate with it; by chance alone 4 in 100 000 such rows exceed 0.13.
    const middle = (made.length - 1) / 2;
    const spread = places.reduce((sum, place) => sum + (place - middle) ** 2, 0);
    const together = places.reduce((sum, place, at) => sum + (place - middle) * (at - middle), 0);
    expect(Math.abs(together / spread)).toBeLessThan(0.13);
  });

  test("a Sid of another realm, another key or another form is of no Id", () => {
    const own = credentialsOf();
    const { id, sid } = own.open(undefined, now);
    expect(credentialsOf(ringOf(1), "other").isPair(id, sid)).toBe(false);
    expect(credentialsOf(ringOf(2)).isPair(id, sid)).toBe(false);
    expect(credentialsOf(ringOf(2, 1)).isPair(id, sid)).toBe(true);
    for (const wrong of ["", sid.slice(1), `${sid}=`, sid.toLowerCase(), "ä".repeat(16)]) {
      expect(own.isPair(id, wrong)).toBe(false);
    }
  });
});

describe("session tokens", () => {
  const own = credentialsOf();
  const known: Identity = { ...own.open(undefined, now), userid: "ünser:user" };
  const { resumed: _resumed, ...fresh } = { resumed: false, ...known };

  test("bring Id, Sid and user back on any node for 30 days", () => {
    const token = own.issue(known, now);
    expect(credentialsOf().open(token, now + 5_000)).toEqual({ ...fresh, attempt: now + 5_000, resumed: true });
    expect(credentialsOf().open(token, now + tokenLife)).toMatchObject({ id: known.id, resumed: true });
    expect(credentialsOf().open(token, now + tokenLife + 1)).toMatchObject({ resumed: false });
  });

  test("name an attempt, and whoever comes with one has a higher one, though its node's clock is behind", () => {
    const token = own.issue(known, now);
    expect(own.open(token, now - 60_000).attempt).toBe(known.attempt + 1);
    expect(own.open(token, now + 60_000).attempt).toBe(now + 60_000);
  });

  test("that are bad make a new session, without a word", () => {
    const token = own.issue(known, now);
    const bad = [
      undefined,
      "",
      "garbage",
      token.slice(1),
      `${token}0`,
      token.replace("ss1", "sn1"),
      token.toUpperCase(),
    ];
    for (const text of bad) {
      const opened = own.open(text, now);
      expect(opened.resumed, text).toBe(false);
      expect(opened.id).not.toBe(known.id);
      expect(opened.userid).toBeUndefined();
      expect(own.isPair(opened.id, opened.sid)).toBe(true);
    }
    expect(credentialsOf(ringOf(1), "other").open(token, now).resumed).toBe(false);
    expect(credentialsOf(ringOf(2)).open(token, now).resumed).toBe(false);
  });

  test("keep the Sid while keys rotate, and give a new one once nobody could check it any more", () => {
    const rotated = credentialsOf(ringOf(2, 1));
    const renewed = rotated.issue(rotated.open(own.issue(known, now), now), now);
    expect(rotated.open(renewed, now).sid).toBe(known.sid);
    const later = credentialsOf(ringOf(3, 2));
    const back = later.open(renewed, now);
    expect(back).toMatchObject({ id: known.id, resumed: true });
    expect(back.sid).not.toBe(known.sid);
    expect(later.isPair(back.id, back.sid)).toBe(true);
  });

  test("fit into an address, whoever the user is", () => {
    expect(own.issue({ ...known, userid: "x".repeat(256) }, now).length).toBeLessThan(700);
    expect(own.issue(known, now)).toMatch(/^[\w.-]+$/);
  });

  test("whatever is said in their place opens a session", () => {
    const token = own.issue(known, now);
    const parts = token.split(".");
    const said = fc.oneof(
      anyText,
      fc.shuffledSubarray(parts, { minLength: 1 }).map((some) => some.join(".")),
      fc
        .tuple(fc.nat(token.length), fc.string({ maxLength: 3 }))
        .map(([at, put]) => token.slice(0, at) + put + token.slice(at + 1)),
    );
    fc.assert(
      fc.property(said, (text) => {
        const opened = own.open(text, now);
        expect(own.isPair(opened.id, opened.sid)).toBe(true);
        expect(opened.resumed).toBe(text === token);
      }),
      { numRuns: 150 },
    );
  });

  test("carry any user there can be", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 60, unit: fc.constantFrom("a", "ß", "😀", ":", ".", " ", "@") }),
        (userid) => {
          expect(own.open(own.issue({ ...known, userid }, now), now).userid).toBe(userid);
        },
      ),
    );
  });
});

test("two sessions are opened for two who come without a token", () => {
  const own = credentialsOf();
  const ids: readonly SessionId[] = [own.open(undefined, now).id, own.open(undefined, now).id];
  expect(new Set(ids).size).toBe(2);
});
