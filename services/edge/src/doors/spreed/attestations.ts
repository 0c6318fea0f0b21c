// Attestations: what a relayed document carries to prove its sender, and what any session redeems for the sender's entry.
import type { Signer } from "@heliograph/core";
import type { Outcome, Realm, SessionId } from "@heliograph/protocol";
import { parseSessionId, refused } from "@heliograph/protocol";

/** Milliseconds. */
export const attestationLife = 300_000;
/** A new one is made after so long: what somebody receives is good for another 120 s at least. */
const renewal = 180_000;
const purpose = "sa1";

export class Attestations {
  readonly #signer: Signer;
  readonly #realm: Realm;

  constructor(signer: Signer, realm: Realm) {
    this.#signer = signer;
    this.#realm = realm;
  }

  /** Signed and readable: it says no more than the envelope's `From`. */
  make(session: SessionId, now: number): string {
    return this.#signer.sign(purpose, `${this.#realm}.${session}`, now);
  }

  /** Whose it is; whether that session is still there is not known here. `unauthorized`, or `expired` after 300 s. */
  redeem(text: string, now: number): Outcome<SessionId> {
    const says = this.#signer.verify(purpose, text, { now, life: attestationLife });
    if (!says.ok) return says;
    const [realm, session] = says.value.split(".");
    return realm === this.#realm ? parseSessionId(session) : refused("unauthorized", "token");
  }
}

/** The attestation of one session, made when it is first needed and again when it has become old. */
export class Attestation {
  readonly #attestations: Pick<Attestations, "make">;
  readonly #session: SessionId;
  #text = "";
  #made = Number.NEGATIVE_INFINITY;

  constructor(attestations: Pick<Attestations, "make">, session: SessionId) {
    this.#attestations = attestations;
    this.#session = session;
  }

  at(now: number): string {
    // A clock that was set back would keep one text for ever.
    if (now - this.#made >= renewal || now < this.#made) {
      this.#text = this.#attestations.make(this.#session, now);
      this.#made = now;
    }
    return this.#text;
  }
}
