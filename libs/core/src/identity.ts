// Makes the ids of nodes and sessions: 128 random bits in base64url.
import type { NodeId, SessionId } from "@heliograph/protocol";
import type { Random } from "./ports/random.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

export function newSessionId(random: Random): SessionId {
  return base64url(random.bytes(16)) as SessionId;
}

export function newNodeId(random: Random): NodeId {
  return base64url(random.bytes(16)) as NodeId;
}

/** Made at one stroke: a string put together piece by piece would be kept as a tree of its pieces. */
function base64url(bytes: Uint8Array): string {
  const codes: number[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const letters = Math.min(3, bytes.length - i) + 1;
    for (let j = 0; j < letters; j += 1) codes.push(alphabet.charCodeAt((group >>> (18 - 6 * j)) & 63));
  }
  return String.fromCharCode(...codes);
}
