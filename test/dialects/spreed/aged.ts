// Tokens of ours as they would be if they had been signed earlier: the signature is right, and the time has passed.
import { Signer } from "@heliograph/core";
import { tokenSecret } from "./stage.ts";

const signer = new Signer([{ id: "k", secret: tokenSecret }]);

/** What each kind is signed for. */
const purposes = { token: "ss1", attestation: "sa1", nonce: "sn1" } as const;

/** The same text, as if it had been made so many milliseconds ago. */
export function aged(kind: keyof typeof purposes, text: string, ms: number): string {
  const purpose = purposes[kind];
  const now = Date.now();
  const says = signer.verify(purpose, text, { now, life: 365 * 86_400_000 });
  if (!says.ok) throw new Error(`this is no ${kind}: ${says.reason}`);
  return signer.sign(purpose, says.value, now - ms);
}
