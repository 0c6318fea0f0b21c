// Where in any rhythm a session stands: fixed by its id, so that what many are due for does not come at once.
import type { SessionId } from "@heliograph/protocol";

/** From 0 up to but not including 1, even over sessions, the same on every node (FNV-1a, 32 bits, mixed once more). */
export function phaseOf(session: SessionId): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < session.length; at += 1) hash = Math.imul(hash ^ session.charCodeAt(at), 0x01000193);
  // The last characters reach the high bits of FNV-1a only in part, and a fraction is made of these.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) / 0x1_0000_0000;
}
