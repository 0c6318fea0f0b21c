// Signed texts: bound to a purpose and a time, made by a key ring, so that any node verifies one without asking anyone.
import type { Outcome } from "@heliograph/protocol";
import { accepted, refused } from "@heliograph/protocol";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** A secret of at least 32 bytes. The first key of a ring signs, all verify: that is how keys are rotated. */
export interface TokenKey {
  /** 1 to 16 letters, digits, hyphens or underscores. */
  readonly id: string;
  readonly secret: Uint8Array;
}

export type KeyRing = readonly [TokenKey, ...TokenKey[]];

/** When a text is read, and how long it serves; both in milliseconds. */
export interface Validity {
  readonly now: number;
  readonly life: number;
}

/** Longer than any that we make; what is longer still is not even hashed. */
const mostLetters = 4_096;

/**
 * A signed text reads `<purpose>.<key>.<what it says>.<time>.<signature>`, where the signature covers all before it: nothing
 * signed for one purpose passes for another. A purpose has no dot and no colon; what a text says has the letters its
 * caller gave it, and is not hidden from anyone.
 */
export class Signer {
  #ring: KeyRing;
  #secrets: ReadonlyMap<string, Uint8Array>;

  constructor(ring: KeyRing) {
    this.#ring = ring;
    this.#secrets = secretsOf(ring);
  }

  /** From now on these keys sign and verify; texts of keys that are gone are refused. */
  rotate(ring: KeyRing): void {
    this.#ring = ring;
    this.#secrets = secretsOf(ring);
  }

  sign(purpose: string, says: string, now: number): string {
    const [{ id, secret }] = this.#ring;
    const told = `${purpose}.${id}.${says}.${now.toString(36)}`;
    return `${told}.${signature(told, secret)}`;
  }

  /** What the text says. `unauthorized`: not ours, of a retired key or for something else; `expired`: ours, but too old. */
  verify(purpose: string, text: string, { now, life }: Validity): Outcome<string> {
    const key = keyOf(purpose, text);
    const secret = key === undefined ? undefined : this.#secrets.get(key);
    if (key === undefined || secret === undefined) return refused("unauthorized", "token");
    const end = text.lastIndexOf(".");
    const told = text.slice(0, end);
    if (!sameText(signature(told, secret), text.slice(end + 1))) return refused("unauthorized", "token");
    const stamp = told.lastIndexOf(".");
    if (now - Number.parseInt(told.slice(stamp + 1), 36) > life) return refused("expired", "token");
    return accepted(told.slice(purpose.length + key.length + 2, stamp));
  }

  /**
   * 32 bytes that follow from a text, and that nobody without the keys can tell: by each key of the ring, the one that
   * signs first. They serve no time, and no signature is among them.
   */
  derive(purpose: string, text: string): readonly [Uint8Array, ...Uint8Array[]] {
    const message = utf8ToBytes(`${purpose}:${text}`);
    const [first, ...others] = this.#ring;
    return [hmac(sha256, first.secret, message), ...others.map(({ secret }) => hmac(sha256, secret, message))];
  }
}

function secretsOf(ring: KeyRing): ReadonlyMap<string, Uint8Array> {
  return new Map(ring.map((key) => [key.id, key.secret]));
}

/** Whose signature a text claims to have; undefined if it is none for this purpose. */
function keyOf(purpose: string, text: string): string | undefined {
  const start = purpose.length + 1;
  if (text.length > mostLetters || !text.startsWith(`${purpose}.`)) return undefined;
  return text.slice(start, text.indexOf(".", start));
}

function signature(told: string, secret: Uint8Array): string {
  return bytesToHex(hmac(sha256, secret, utf8ToBytes(told)));
}

/** Compares without telling by its duration where two texts of one length differ. */
function sameText(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i += 1) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
