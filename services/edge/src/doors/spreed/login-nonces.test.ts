import { type KeyRing, Signer } from "@heliograph/core";
import { SeededRandom } from "@heliograph/core/memory";
import type { Realm, SessionId } from "@heliograph/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AwaitedLogin, LoginNonces } from "./login-nonces.ts";

const now = 1_790_000_000_000;
const session = "annannannannannannannA" as SessionId;
const bob = "bobbobbobbobbobbobbobA" as SessionId;
const ann = { session, userid: "ann" };
const ring: KeyRing = [{ id: "k", secret: new Uint8Array(32).fill(1) }];
const random = new SeededRandom(3);
const noncesOf = (realm = "default") => new LoginNonces(new Signer(ring), random, realm as Realm);
const asked = noncesOf();

describe("a login nonce", () => {
  test("of any node is spent once by the connection that it was brought to", () => {
    const awaited = new AwaitedLogin(noncesOf(), session);
    const nonce = asked.issue(ann, now);
    awaited.bring(nonce);
    expect(awaited.redeem({ userid: "ann", nonce }, now + 1)).toBe("spent");
    expect(awaited.redeem({ userid: "ann", nonce }, now + 2)).toBe("unknown");
  });

  test("serves 60 s", () => {
    const awaited = new AwaitedLogin(noncesOf(), session);
    const nonce = asked.issue(ann, now);
    awaited.bring(nonce);
    expect(awaited.redeem({ userid: "ann", nonce }, now + 60_001)).toBe("refused");
    expect(awaited.redeem({ userid: "ann", nonce }, now + 60_000)).toBe("spent");
  });

  test("gives way to the next one, also of the same user in the same millisecond", () => {
    const awaited = new AwaitedLogin(noncesOf(), session);
    const [first, second] = [asked.issue(ann, now), asked.issue(ann, now)];
    awaited.bring(first);
    awaited.bring(second);
    expect(awaited.redeem({ userid: "ann", nonce: first }, now)).toBe("unknown");
    expect(awaited.redeem({ userid: "ann", nonce: second }, now)).toBe("spent");
  });

  test("is not known before it is brought, and good from then on", () => {
    const awaited = new AwaitedLogin(noncesOf(), session);
    const nonce = asked.issue(ann, now);
    expect(awaited.redeem({ userid: "ann", nonce }, now)).toBe("unknown");
    awaited.bring(nonce);
    expect(awaited.redeem({ userid: "ann", nonce }, now)).toBe("spent");
  });

  test("of another session, user, realm or purpose is refused, though it was brought", () => {
    const wrong = [
      asked.issue({ ...ann, session: bob }, now),
      asked.issue({ ...ann, userid: "bob" }, now),
      noncesOf("other").issue(ann, now),
      new Signer(ring).sign("sa1", `default.${session}.YW5u.x`, now),
      "",
    ];
    for (const nonce of wrong) {
      const awaited = new AwaitedLogin(noncesOf(), session);
      awaited.bring(nonce);
      expect(awaited.redeem({ userid: "ann", nonce }, now), nonce).toBe("refused");
    }
  });

  test("is for its user to the letter: none that is written alike, and none that cannot be written", () => {
    const userids = fc.string({
      maxLength: 4,
      unit: fc.constantFrom("a", "A", "ä", "\ufffd", "\ud800", ".", " ", "\u0000"),
    });
    fc.assert(
      fc.property(userids, userids, (made, said) => {
        const nonce = asked.issue({ session, userid: made }, now);
        const good = made === said && made !== "" && made.isWellFormed() && !made.includes("\u0000");
        expect(asked.verify(nonce, { session, userid: said }, now)).toBe(good);
      }),
      { numRuns: 300 },
    );
  });
});
