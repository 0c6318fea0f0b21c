import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { readKey, Secret } from "./secret.ts";

describe("a secret", () => {
  const secret = new Secret("hunter2");

  test("is shown by nothing that prints", () => {
    for (const shown of [String(secret), `${secret}`, JSON.stringify({ secret }), inspect({ secret }, { depth: 9 })]) {
      expect(shown).not.toContain("hunter2");
      expect(shown).toContain("[redacted]");
    }
    expect(Object.values(secret)).toEqual([]);
  });

  test("can be used and compared", () => {
    expect(secret.reveal()).toBe("hunter2");
    expect(secret.sameAs(new Secret("hunter2"))).toBe(true);
    expect(secret.sameAs(new Secret("hunter3"))).toBe(false);
  });
});

describe("a signing key", () => {
  const bytes = Uint8Array.from({ length: 32 }, (_, i) => 7 * i);

  test.for(["hex", "base64", "base64url"] as const)("may be written in %s", (encoding) => {
    expect(readKey(Buffer.from(bytes).toString(encoding))).toEqual(Buffer.from(bytes));
  });

  test("is refused when it is short, empty or neither", () => {
    expect(readKey("ab".repeat(31))).toBeUndefined();
    expect(readKey("")).toBeUndefined();
    expect(readKey("a passphrase that is quite long enough to be one")).toBeUndefined();
  });
});
