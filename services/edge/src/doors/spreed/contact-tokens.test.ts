import { createHmac } from "node:crypto";
import { SeededRandom } from "@heliograph/core/memory";
import type { Realm } from "@heliograph/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ContactTokens } from "./contact-tokens.ts";
import type { LastingSecrets } from "./lasting-secrets.ts";
import { Seal } from "./seal.ts";
import { suseridOf } from "./suserid.ts";

/** Halves of pairs and control characters too. */
const anyText = fc.array(fc.nat(0xffff), { maxLength: 100 }).map((units) => String.fromCharCode(...units));
const lasting = (fill: number) => ({ reveal: () => new Uint8Array(32).fill(fill) });
const secrets: LastingSecrets = [lasting(1)];
const random = new SeededRandom(4);
const tokensOf = (own: LastingSecrets = secrets, realm = "default") => new ContactTokens(own, random, realm as Realm);
const contact = { asked: "ännchen:1", asking: "bob@local" };

describe("contact tokens", () => {
  test("say on every node who was asked and who asked", () => {
    const token = tokensOf().issue(contact);
    expect(tokensOf().read(token)).toEqual(contact);
    expect(tokensOf().contactOf("bob@local", token)).toBe("ännchen:1");
    expect(tokensOf().contactOf("ännchen:1", token)).toBe("bob@local");
    expect(tokensOf().contactOf("eve", token)).toBeUndefined();
  });

  test("show nothing of the two, and no two are alike", () => {
    const [one, other] = [tokensOf().issue(contact), tokensOf().issue(contact)];
    expect(one).not.toBe(other);
    expect(Buffer.from(one.slice(4), "base64url").toString("latin1")).not.toContain("bob");
    expect(one).toMatch(/^sc1\.[\w-]+$/);
  });

  test("outlive a change of the secret as long as the old one still stands behind the new", () => {
    const token = tokensOf().issue(contact);
    expect(tokensOf([lasting(2), lasting(1)]).read(token)).toEqual(contact);
    expect(tokensOf([lasting(2)]).read(token)).toBeUndefined();
  });

  test("of another realm, sealed for something else or changed in any place are none", () => {
    const token = tokensOf().issue(contact);
    expect(tokensOf(secrets, "other").read(token)).toBeUndefined();
    expect(
      tokensOf().read(new Seal(secrets, "sx1", random).close("default\na\nb").replace("sx1", "sc1")),
    ).toBeUndefined();
    expect(tokensOf().read(new Seal(secrets, "sc1", random).close("default\na"))).toBeUndefined();
    const bytes = Buffer.from(token.slice(4), "base64url");
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, turn) => {
        const turned = Buffer.from(bytes);
        turned[at] = (turned[at] ?? 0) ^ turn;
        expect(tokensOf().read(`sc1.${turned.toString("base64url")}`)).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  test("are made by nobody else: whatever is said, nothing throws and nothing opens", () => {
    const said = fc.oneof(
      anyText,
      fc.base64String({ maxLength: 200 }).map((text) => `sc1.${text}`),
    );
    fc.assert(
      fc.property(said, (text) => {
        expect(tokensOf().read(text)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
    expect(tokensOf().read(`sc1.${"A".repeat(100_000)}`)).toBeUndefined();
  });
});

describe("the secret name of a user", () => {
  test("is the same wherever the lasting secret is, and another one for every user", () => {
    expect(suseridOf("ann", secrets)).toBe(createHmac("sha256", Buffer.alloc(32, 1)).update("ann").digest("base64"));
    expect(suseridOf("ann", [lasting(1), lasting(2)])).toBe(suseridOf("ann", secrets));
    expect(suseridOf("bob", secrets)).not.toBe(suseridOf("ann", secrets));
  });

  test("is empty for nobody", () => {
    expect(suseridOf("", secrets)).toBe("");
  });

  test("is made though its secret keeps its value to itself", () => {
    class Kept {
      readonly #value = new Uint8Array(32).fill(1);
      reveal(): Uint8Array {
        return this.#value;
      }
    }
    expect(suseridOf("ann", [new Kept()])).toBe(suseridOf("ann", secrets));
    expect(tokensOf([new Kept()]).read(tokensOf().issue(contact))).toEqual(contact);
  });
});
