import { createHmac } from "node:crypto";
import { SeededRandom } from "@heliograph/core/memory";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Proof, type UserSettings, usersOf } from "./users.ts";

/** Halves of pairs and control characters too. */
const anyText = fc.array(fc.nat(0xffff), { maxLength: 100 }).map((units) => String.fromCharCode(...units));
const now = 1_790_000_000_000;
const expiry = 1_790_000_100;
const key = "the secret as its text stands: ä";
const signed = (combo: string, secret = key) => createHmac("sha256", secret).update(combo).digest("base64");
const settings: UserSettings = {
  mode: "sharedsecret",
  secret: { reveal: () => key },
  registration: true,
  serverRealm: "local",
};
const bySecret = usersOf(settings, new SeededRandom(1));
const proofOf = (combo: string, secret = signed(combo)): Proof => ({ combo, secret, named: undefined });

describe("users by a shared secret", () => {
  test("are whom a combo names that was signed and is not over", () => {
    expect(bySecret.prove(proofOf(`${expiry}:ann`), now)).toEqual({ ok: true, userid: "ann" });
    expect(bySecret.prove(proofOf(`${expiry}:ann:more:of it`), now)).toEqual({ ok: true, userid: "ann" });
    expect(bySecret.prove(proofOf(`${expiry}:ann:`), now)).toEqual({ ok: true, userid: "ann" });
  });

  test("are nobody from the second on that it names", () => {
    expect(bySecret.prove(proofOf(`${expiry}:ann`), expiry * 1_000 - 1).ok).toBe(true);
    expect(bySecret.prove(proofOf(`${expiry}:ann`), expiry * 1_000)).toEqual({ ok: false, why: "expired" });
  });

  test("are nobody where the signature is of another secret, another combo or another form", () => {
    const combo = `${expiry}:ann`;
    const good = signed(combo);
    const wrong = [
      "",
      good.slice(0, -1),
      `${good}=`,
      good.toLowerCase(),
      signed(combo, "other"),
      signed(`${expiry}:bob`),
      "ä".repeat(22),
    ];
    for (const secret of wrong) {
      expect(bySecret.prove(proofOf(combo, secret), now), secret).toEqual({ ok: false, why: "unproven" });
    }
  });

  test("are nobody where the combo names none, though it was signed", () => {
    for (const combo of [
      "",
      ":",
      "ann",
      `${expiry}`,
      `${expiry}:`,
      `${expiry}::x`,
      `-1:ann`,
      `1e99:ann`,
      ` ${expiry}:ann`,
      `${expiry}:a\u0000`,
      `${expiry}:${"x".repeat(257)}`,
    ]) {
      expect(bySecret.prove(proofOf(combo), now), combo).toEqual({ ok: false, why: "malformed" });
    }
  });

  test("are nobody where the combo is longer than any, though its beginning was signed", () => {
    const begins = `${expiry}:ann:${"x".repeat(1_024)}`.slice(0, 1_024);
    expect(bySecret.prove(proofOf(begins), now).ok).toBe(true);
    expect(bySecret.prove(proofOf(`${begins}y`, signed(begins)), now)).toEqual({ ok: false, why: "unproven" });
  });

  test("cannot be made by anybody else, whatever is said", () => {
    const combos = fc.oneof(
      anyText,
      fc.string().map((name) => `${expiry}:${name}`),
    );
    fc.assert(
      fc.property(combos, fc.oneof(anyText, fc.base64String()), (combo, secret) => {
        expect(bySecret.prove(proofOf(combo, secret), now)).toEqual({ ok: false, why: "unproven" });
        // And with the right secret nothing throws, whatever it is of.
        expect(bySecret.prove(proofOf(combo), now)).toHaveProperty("ok");
      }),
      { numRuns: 300 },
    );
  });

  test("are registered for 372 days, and what they are given proves them", () => {
    const given = bySecret.register(now);
    if (given === undefined) throw new Error("registration is open");
    expect(given.userid).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}@local$/);
    expect(given.expiry).toBe(1_790_000_000 + 372 * 86_400);
    expect(bySecret.prove(proofOf(given.combo, given.secret), (given.expiry - 1) * 1_000)).toEqual({
      ok: true,
      userid: given.userid,
    });
    expect(bySecret.prove(proofOf(given.combo, given.secret), given.expiry * 1_000).ok).toBe(false);
    expect(bySecret.register(now)?.userid).not.toBe(given.userid);
  });

  test("are not registered where that is off, nor named by a connection", () => {
    expect(usersOf({ ...settings, registration: false }, new SeededRandom(1)).register(now)).toBeUndefined();
    expect(bySecret.named(() => "ann")).toBeUndefined();
  });
});

describe("users by a header", () => {
  const byHeader = usersOf({ mode: "httpheader", header: "x-userid" }, new SeededRandom(1));
  const naming = (value: string | undefined) => (name: string) => (name === "x-userid" ? value : undefined);

  test("are whom the proxy names, for a connection and for a login", () => {
    expect(byHeader.named(naming("ann"))).toBe("ann");
    expect(byHeader.prove({ combo: "", secret: "", named: "ann" }, now)).toEqual({ ok: true, userid: "ann" });
  });

  test("are nobody without it, whatever else is brought", () => {
    expect(byHeader.named(naming(undefined))).toBeUndefined();
    expect(byHeader.named(naming("x".repeat(300)))).toBeUndefined();
    const combo = `${expiry}:ann`;
    expect(byHeader.prove({ combo, secret: signed(combo), named: undefined }, now)).toEqual({
      ok: false,
      why: "malformed",
    });
  });

  test("are never registered", () => {
    expect(byHeader.register(now)).toBeUndefined();
  });
});
