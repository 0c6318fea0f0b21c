// Login nonces: what the REST API gives a client that proved its user, and what its connection spends for it, once.
import type { Random, Signer } from "@heliograph/core";
import type { Realm, SessionId } from "@heliograph/protocol";
import { parseUserid } from "./userid.ts";

/** Milliseconds. */
export const nonceLife = 60_000;
const purpose = "sn1";
const saltBytes = 12;

export interface Login {
  readonly session: SessionId;
  readonly userid: string;
}

export class LoginNonces {
  readonly #signer: Signer;
  readonly #random: Random;
  readonly #realm: Realm;

  constructor(signer: Signer, random: Random, realm: Realm) {
    this.#signer = signer;
    this.#random = random;
    this.#realm = realm;
  }

  /** No two are alike, or one that was spent would come back with the next login of the same millisecond. */
  issue(login: Login, now: number): string {
    const salt = Buffer.from(this.#random.bytes(saltBytes)).toString("base64url");
    return this.#signer.sign(purpose, `${this.#saidOf(login)}.${salt}`, now);
  }

  /** Whether it was made for this login at most 60 s ago. Whether it was spent, the connection knows. */
  verify(nonce: string, login: Login, now: number): boolean {
    const says = this.#signer.verify(purpose, nonce, { now, life: nonceLife });
    // Half a surrogate pair would be written like the character that stands for broken ones.
    return (
      says.ok &&
      parseUserid(login.userid) !== undefined &&
      says.value.slice(0, says.value.lastIndexOf(".")) === this.#saidOf(login)
    );
  }

  #saidOf({ session, userid }: Login): string {
    return `${this.#realm}.${session}.${Buffer.from(userid).toString("base64url")}`;
  }
}

/**
 * `unknown`: made for this login and young, but not what was brought here last: spent, replaced, or still on its way from the
 * node that was asked for it. `refused`: no waiting would make it good.
 */
export type Redeemed = "spent" | "unknown" | "refused";

/** The nonce that waits in one connection. The newest counts, and counts once. */
export class AwaitedLogin {
  readonly #nonces: Pick<LoginNonces, "verify">;
  readonly #session: SessionId;
  #nonce: string | undefined;

  constructor(nonces: Pick<LoginNonces, "verify">, session: SessionId) {
    this.#nonces = nonces;
    this.#session = session;
  }

  /** As it came over the session's personal channel. */
  bring(nonce: string): void {
    this.#nonce = nonce;
  }

  redeem(said: { readonly userid: string; readonly nonce: string }, now: number): Redeemed {
    const login = { session: this.#session, userid: said.userid };
    // Only whoever has the signature right gets to the comparison, so its duration tells nothing.
    if (!this.#nonces.verify(said.nonce, login, now)) return "refused";
    if (said.nonce !== this.#nonce) return "unknown";
    this.#nonce = undefined;
    return "spent";
  }
}
