import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type KeyRing, Signer, type TokenKey } from "./signer.ts";
import { Tokens } from "./token.ts";

const key = (id: string, fill: number): TokenKey => ({ id, secret: new Uint8Array(32).fill(fill) });
/** Halves of pairs and control characters too. */
const anyText = fc.array(fc.nat(0xffff), { maxLength: 100 }).map((units) => String.fromCharCode(...units));
const day = { now: 1_000_000, life: 86_400_000 };
const ring: KeyRing = [key("new", 7), key("old", 8)];

describe("signed texts", () => {
  const signer = new Signer(ring);

  test("say what was signed, as long as they live", () => {
    const text = signer.sign("tea", "one.two", 1_000_000);
    expect(signer.verify("tea", text, { now: 1_060_000, life: 60_000 })).toEqual({ ok: true, value: "one.two" });
    expect(signer.verify("tea", text, { now: 1_060_001, life: 60_000 })).toMatchObject({ reason: "expired" });
    expect(signer.verify("tea", text, { now: 9e15, life: Number.POSITIVE_INFINITY }).ok).toBe(true);
  });

  test("pass for their own purpose only, also where one purpose begins like another", () => {
    const text = signer.sign("tea", "x", day.now);
    for (const other of ["te", "pea", "teapot", "coffee", "tea.new", ""]) {
      expect(signer.verify(other, text, day), other).toMatchObject({ reason: "unauthorized" });
    }
  });

  test("are signed by the first key and verified by all, until a key is taken out", () => {
    const [young, old] = ring.map((each) => new Signer([each]));
    if (young === undefined || old === undefined) throw new Error("the ring has two keys");
    const text = old.sign("tea", "x", day.now);
    expect(signer.verify("tea", text, day).ok).toBe(true);
    expect(signer.sign("tea", "x", day.now)).toBe(young.sign("tea", "x", day.now));
    const rotated = new Signer(ring);
    rotated.rotate([key("newer", 9), key("new", 7)]);
    expect(rotated.verify("tea", text, day)).toMatchObject({ reason: "unauthorized" });
    expect(rotated.verify("tea", signer.sign("tea", "x", day.now), day).ok).toBe(true);
  });

  test("of a key that only has the name of ours are refused", () => {
    const forged = new Signer([key("new", 1)]).sign("tea", "x", day.now);
    expect(signer.verify("tea", forged, day)).toMatchObject({ reason: "unauthorized" });
  });

  test("with any one letter changed, added or left out are refused", () => {
    const text = signer.sign("tea", "x.y", day.now);
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.constantFrom("a", "0", ".", "", "-", "ä"),
        fc.boolean(),
        (at, put, keep) => {
          const turned = text.slice(0, at) + put + text.slice(keep ? at : at + 1);
          fc.pre(turned !== text);
          expect(signer.verify("tea", turned, day)).toMatchObject({ ok: false, reason: "unauthorized" });
        },
      ),
      { numRuns: 500 },
    );
  });

  test("are made by nobody else: whatever is said, nothing throws and nothing passes", () => {
    const said = fc.oneof(
      anyText,
      fc
        .array(fc.constantFrom("tea", "new", "old", "x", ".", "..", "0", "f".repeat(64)), { maxLength: 9 })
        .map((parts) => parts.join(".")),
      fc.constant(`tea.new.${"x".repeat(5_000)}`),
    );
    fc.assert(
      fc.property(said, (text) => {
        expect(signer.verify("tea", text, day)).toMatchObject({ ok: false, reason: "unauthorized" });
      }),
      { numRuns: 500 },
    );
  });

  test("split as they were put together, whatever they say", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\w.-]{0,80}$/), fc.nat(), (says, now) => {
        expect(signer.verify("tea", signer.sign("tea", says, now), { now, life: 0 })).toEqual({
          ok: true,
          value: says,
        });
      }),
    );
  });
});

describe("derived bytes", () => {
  const signer = new Signer(ring);
  const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString("hex");

  test("follow from purpose, text and key, one for each key of the ring", () => {
    const [first, second, ...others] = signer.derive("tea", "x");
    expect(others).toEqual([]);
    expect(new Set([first, second, signer.derive("tea", "y")[0], signer.derive("te", "a:x")[0]].map(hex)).size).toBe(4);
    expect(new Signer([key("whatever", 8)]).derive("tea", "x").map(hex)).toEqual([hex(second)]);
  });

  test("are never a signature: no text that is signed reads like one that is derived from", () => {
    const text = signer.sign("tea", "x", day.now);
    const [told = "", signature] = [text.slice(0, -65), text.slice(-64)];
    expect(hex(signer.derive(told.slice(0, 3), told.slice(4))[0])).not.toBe(signature);
  });
});

test("a resume token that was given out before texts had purposes still verifies, and new ones read the same", () => {
  const session = "sssssssssssssssssssssA";
  const given = `h1.k1.default.${session}.lfls.beeee369337ddd8deaf0dd8de1f42a81d44168034ea5f27d6b99018b8f16aa7b`;
  const tokens = new Tokens(new Signer([key("k1", 7)]), day.life);
  const claims = tokens.verify(given, day.now);
  expect(claims).toEqual({ ok: true, value: { realm: "default", session } });
  expect(claims.ok && tokens.issue(claims.value, 1_000_000)).toBe(given);
});
