// Sealed texts: what whoever holds them may bring back, and neither read nor change.
import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import type { Random } from "@heliograph/core";
import type { LastingSecrets } from "./lasting-secrets.ts";

const cipher = "aes-256-gcm";
const keyBytes = 32;
/** NIST SP 800-38D section 8.3: random ones of this length are good for 2^32 texts under one key. */
const nonceBytes = 12;
const tagBytes = 16;
/** Longer than any that we make. */
const mostLetters = 4_096;

/**
 * AES-256-GCM, keyed for one purpose (HKDF, RFC 5869). Here and not beside core's signer, since core runs in browsers too
 * and has no cipher: sealing is for what only servers read.
 */
export class Seal {
  readonly #keys: readonly [Uint8Array, ...Uint8Array[]];
  readonly #purpose: string;
  readonly #random: Random;

  /** `purpose` is part of every text, and what is sealed for one opens for no other. */
  constructor(secrets: LastingSecrets, purpose: string, random: Random) {
    const keyOf = (secret: Uint8Array): Uint8Array =>
      new Uint8Array(hkdfSync("sha256", secret, "", `heliograph spreed ${purpose}`, keyBytes));
    const [first, ...others] = secrets;
    this.#keys = [keyOf(first.reveal()), ...others.map((secret) => keyOf(secret.reveal()))];
    this.#purpose = purpose;
    this.#random = random;
  }

  /** `<purpose>.<base64url>`; the same text reads differently each time. */
  close(text: string): string {
    const nonce = this.#random.bytes(nonceBytes);
    const sealing = createCipheriv(cipher, this.#keys[0], nonce).setAAD(Buffer.from(this.#purpose));
    const bytes = Buffer.concat([nonce, sealing.update(text, "utf8"), sealing.final(), sealing.getAuthTag()]);
    return `${this.#purpose}.${bytes.toString("base64url")}`;
  }

  /** Undefined: not ours, for something else, or changed. */
  open(sealed: string): string | undefined {
    if (sealed.length > mostLetters || !sealed.startsWith(`${this.#purpose}.`)) return undefined;
    const bytes = Buffer.from(sealed.slice(this.#purpose.length + 1), "base64url");
    if (bytes.length < nonceBytes + tagBytes) return undefined;
    for (const key of this.#keys) {
      const text = this.#openWith(key, bytes);
      if (text !== undefined) return text;
    }
    return undefined;
  }

  #openWith(key: Uint8Array, bytes: Buffer): string | undefined {
    const opening = createDecipheriv(cipher, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
      .setAAD(Buffer.from(this.#purpose))
      .setAuthTag(bytes.subarray(-tagBytes));
    const text = opening.update(bytes.subarray(nonceBytes, -tagBytes));
    try {
      return Buffer.concat([text, opening.final()]).toString();
    } catch {
      // Thrown where the tag is wrong: an answer, not a failure. Nothing of the text has been used.
      return undefined;
    }
  }
}
