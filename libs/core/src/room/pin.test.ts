// PINs and their verifiers.
import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { pinProof, pinVerifier, sameProof } from "./pin.ts";

const salt = Uint8Array.from({ length: 16 }, (_, i) => i * 11);

test("a verifier holds the salt and the proof, never the PIN", () => {
  const verifier = pinVerifier("tea at four", salt);
  expect(verifier.salt).toBe(Buffer.from(salt).toString("hex"));
  expect(verifier.proof).toBe(createHmac("sha256", verifier.salt).update("tea at four").digest("hex"));
  expect(JSON.stringify(verifier)).not.toContain("tea");
});

test("the PIN leads to the proof, another PIN and another salt do not", () => {
  const verifier = pinVerifier("grün ☕", salt);
  expect(sameProof(verifier.proof, pinProof("grün ☕", verifier.salt))).toBe(true);
  expect(sameProof(verifier.proof, pinProof("grün", verifier.salt))).toBe(false);
  expect(sameProof(verifier.proof, pinProof("grün ☕", "00"))).toBe(false);
});

test("proofs are the same only as a whole", () => {
  expect(sameProof("abcd", "abcd")).toBe(true);
  for (const given of ["", "a", "abc", "abcde", "abcdabcd", "bbcd", "abce"])
    expect(sameProof("abcd", given)).toBe(false);
  expect(sameProof("", "")).toBe(true);
  expect(sameProof("", "a")).toBe(false);
});
