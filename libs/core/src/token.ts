// Resume tokens: who holds one comes back as the session it names.
import type { Outcome, Realm, SessionId } from "@heliograph/protocol";
import { accepted, parseRealm, parseSessionId, refused } from "@heliograph/protocol";
import type { Signer } from "./signer.ts";

export interface TokenClaims {
  readonly realm: Realm;
  readonly session: SessionId;
}

/** The first word of every resume token, and its version. */
const purpose = "h1";

export class Tokens {
  readonly #signer: Signer;
  readonly #life: number;

  /** `life`: milliseconds that a token serves. */
  constructor(signer: Signer, life: number) {
    this.#signer = signer;
    this.#life = life;
  }

  issue({ realm, session }: TokenClaims, now: number): string {
    return this.#signer.sign(purpose, `${realm}.${session}`, now);
  }

  /** `unauthorized`: not ours or of a retired key; `expired`: ours, but too old. */
  verify(token: string, now: number): Outcome<TokenClaims> {
    const says = this.#signer.verify(purpose, token, { now, life: this.#life });
    if (!says.ok) return says;
    const [realmText, sessionText] = says.value.split(".");
    const realm = parseRealm(realmText);
    const session = parseSessionId(sessionText);
    if (!realm.ok || !session.ok) return refused("unauthorized", "token");
    return accepted({ realm: realm.value, session: session.value });
  }
}
