// Takes an encoded value from one codec to another, once per codec however many hear it.
import type { Outcome } from "@heliograph/protocol";
import { accepted } from "@heliograph/protocol";
import type { Codec } from "./codec.ts";

/** Of the same codec: the same bytes, unread. Refused as `from.decode` refuses; an accepted frame's own body never is. */
export function transcode(from: Codec, to: Codec, raw: Uint8Array): Outcome<Uint8Array> {
  if (from.name === to.name) return accepted(raw);
  const value = from.decode(raw);
  return value.ok ? accepted(to.encode(value.value)) : value;
}
