// A room's PIN as a salted verifier: the PIN itself stands in no log, copy or answer.
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** `proof` is what a joiner's node must arrive at from the PIN it was given and the `salt`. Both hexadecimal. */
export interface PinVerifier {
  readonly salt: string;
  readonly proof: string;
}

/** A new salt at every change, so that a proof of an earlier PIN never fits, even when the PIN comes back. */
export function pinVerifier(pin: string, salt: Uint8Array): PinVerifier {
  const hex = bytesToHex(salt);
  return { salt: hex, proof: pinProof(pin, hex) };
}

export function pinProof(pin: string, salt: string): string {
  return bytesToHex(hmac(sha256, utf8ToBytes(salt), utf8ToBytes(pin)));
}

/** Looks at every character whatever the first ones are, so that time tells nothing about how near a guess was. */
export function sameProof(wanted: string, given: string): boolean {
  let differing = wanted.length ^ given.length;
  for (let i = 0; i < given.length; i += 1) differing |= given.charCodeAt(i) ^ wanted.charCodeAt(i % wanted.length);
  return differing === 0;
}
