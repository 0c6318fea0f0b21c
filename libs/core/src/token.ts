// Resume tokens: signed by a key ring, so that any node verifies one without asking anyone.
import type { Outcome, Realm, SessionId } from "@heliograph/protocol";
import { accepted, parseRealm, parseSessionId, refused } from "@heliograph/protocol";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** A secret of at least 32 bytes. The first key of a ring signs, all verify: that is how keys are rotated. */
export interface TokenKey {
  /** 1 to 16 letters, digits, hyphens or underscores. */
  readonly id: string;
  readonly secret: Uint8Array;
}

export interface TokenClaims {
  readonly realm: Realm;
  readonly session: SessionId;
}

const shape = /^h1\.([\w-]{1,16})\.([a-z0-9-]{1,32})\.([\w-]{22})\.([0-9a-z]{1,11})\.([0-9a-f]{64})$/;

export class Tokens {
  #keys: ReadonlyMap<string, Uint8Array>;
  #signer: TokenKey;
  readonly #life: number;

  /** `life`: milliseconds that a token serves. */
  constructor(ring: readonly [TokenKey, ...TokenKey[]], life: number) {
    this.#keys = new Map(ring.map((key) => [key.id, key.secret]));
    this.#signer = ring[0];
    this.#life = life;
  }

  /** From now on these keys sign and verify; tokens of keys that are gone are refused. */
  rotate(ring: readonly [TokenKey, ...TokenKey[]]): void {
    this.#keys = new Map(ring.map((key) => [key.id, key.secret]));
    this.#signer = ring[0];
  }

  issue(claims: TokenClaims, now: number): string {
    const told = `h1.${this.#signer.id}.${claims.realm}.${claims.session}.${now.toString(36)}`;
    return `${told}.${sign(told, this.#signer.secret)}`;
  }

  /** `unauthorized`: not ours or of a retired key; `expired`: ours, but too old. */
  verify(token: string, now: number): Outcome<TokenClaims> {
    const parts = shape.exec(token);
    const secret = parts === null ? undefined : this.#keys.get(parts[1] ?? "");
    if (parts === null || secret === undefined) return refused("unauthorized", "token");
    const told = token.slice(0, token.lastIndexOf("."));
    if (!sameText(sign(told, secret), parts[5] ?? "")) return refused("unauthorized", "token");
    const realm = parseRealm(parts[2]);
    const session = parseSessionId(parts[3]);
    if (!realm.ok || !session.ok) return refused("unauthorized", "token");
    const issued = Number.parseInt(parts[4] ?? "", 36);
    if (now - issued > this.#life) return refused("expired", "token");
    return accepted({ realm: realm.value, session: session.value });
  }
}

function sign(told: string, secret: Uint8Array): string {
  return bytesToHex(hmac(sha256, secret, utf8ToBytes(told)));
}

/** Compares without telling by its duration where two texts of one length differ. */
function sameText(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i += 1) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
