import { type KeyRing, Signer } from "@heliograph/core";
import type { Realm, SessionId } from "@heliograph/protocol";
import { expect, test } from "vitest";
import { Attestation, Attestations } from "./attestations.ts";

const now = 1_790_000_000_000;
const ann = "annannannannannannannA" as SessionId;
const ring: KeyRing = [{ id: "k", secret: new Uint8Array(32).fill(1) }];
const attestationsOf = (realm = "default") => new Attestations(new Signer(ring), realm as Realm);

test("any node redeems an attestation for the session that it is of, for 300 s", () => {
  const text = attestationsOf().make(ann, now);
  expect(attestationsOf().redeem(text, now + 300_000)).toEqual({ ok: true, value: ann });
  expect(attestationsOf().redeem(text, now + 300_001)).toMatchObject({ ok: false, reason: "expired" });
});

test("what is forged, of another realm or for something else is redeemed for nobody", () => {
  const own = attestationsOf();
  const text = own.make(ann, now);
  const other = new Signer([{ id: "k", secret: new Uint8Array(32).fill(2) }]);
  const wrong = [
    "",
    "x",
    text.slice(0, -1),
    attestationsOf("other").make(ann, now),
    new Attestations(other, "default" as Realm).make(ann, now),
    new Signer(ring).sign("ss1", `default.${ann}`, now),
    text.replace("annann", "bobbob"),
  ];
  for (const each of wrong) expect(own.redeem(each, now), each).toMatchObject({ ok: false, reason: "unauthorized" });
});

test("a session's attestation is made anew after 180 s, so that whoever gets one has 120 s for it", () => {
  const own = attestationsOf();
  const attestation = new Attestation(own, ann);
  const first = attestation.at(now);
  expect(attestation.at(now + 179_999)).toBe(first);
  expect(own.redeem(attestation.at(now + 179_999), now + 179_999 + 120_000).ok).toBe(true);
  expect(attestation.at(now + 180_000)).toBe(own.make(ann, now + 180_000));
  expect(attestation.at(now - 1)).toBe(own.make(ann, now - 1));
});
