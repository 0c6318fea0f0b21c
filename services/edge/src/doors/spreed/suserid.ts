// The secret name of a user, from which web clients make the key to what they keep on their own disk.
import { createHmac } from "node:crypto";
import type { LastingSecrets } from "./lasting-secrets.ts";

/**
 * The same on every node, after restarts and for good: hence by a lasting secret, never by the key ring, whose rotation
 * would lock users out of their own settings and contacts. Padded base64, as the original makes it: with its
 * `encryptionSecret` as the first one here its users keep what they have stored. Empty for nobody.
 */
export function suseridOf(userid: string, [secret]: LastingSecrets): string {
  return userid === "" ? "" : createHmac("sha256", secret.reveal()).update(userid).digest("base64");
}
