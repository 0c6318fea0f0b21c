// Makes ids: of nodes and sessions 128 random bits, of pictures bits that follow from whose they are.
import type { NodeId, PictureId, Realm, SessionId } from "@heliograph/protocol";
import type { Random } from "./ports/random.ts";
import type { Signer } from "./signer.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

export function newSessionId(random: Random): SessionId {
  return base64url(random.bytes(16)) as SessionId;
}

export function newNodeId(random: Random): NodeId {
  return base64url(random.bytes(16)) as NodeId;
}

/**
 * Where a session's picture may lie: by each key of the ring, the one that signs first. The same on every node, and
 * nothing of the session can be read from it.
 */
export function pictureIdsOf(
  signer: Pick<Signer, "derive">,
  realm: Realm,
  session: SessionId,
): readonly [PictureId, ...PictureId[]] {
  const [first, ...others] = signer.derive("picture", `${realm}.${session}`);
  return [pictureId(first), ...others.map(pictureId)];
}

function pictureId(derived: Uint8Array): PictureId {
  return base64url(derived.subarray(0, 15)) as PictureId;
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
