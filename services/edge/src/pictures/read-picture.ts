// Reads a picture that somebody uploaded: what it is, is told by its first bytes alone.
import { createHash } from "node:crypto";
import type { Picture } from "@heliograph/core";

/** Bytes of a picture. Clients send faces of 128 by 128 points, a few thousand bytes. */
export const mostPictureBytes = 262_144;
/** Letters of base64 that can make so many. */
const mostLetters = 4 * Math.ceil(mostPictureBytes / 3);

const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The picture in a data URL (RFC 2397) of base64. The type it names counts for nothing. Undefined: as `readBase64`. */
export function readPicture(url: string): Picture | undefined {
  // The end of what comes before the data is not sought for long.
  const comma = url.slice(0, 256).indexOf(",");
  if (!url.startsWith("data:") || !url.slice(0, Math.max(0, comma)).endsWith(";base64")) return undefined;
  return readBase64(url.slice(comma + 1));
}

/**
 * The picture that these letters make. Undefined: they are not base64 throughout, too many, or make no PNG, JPEG, GIF or
 * WebP. Nothing is decoded that is too large.
 */
export function readBase64(letters: string): Picture | undefined {
  // Buffers would skip what is no base64 in silence.
  if (letters.length > mostLetters || letters.length % 4 !== 0 || !base64.test(letters)) return undefined;
  return pictureOf(Buffer.from(letters, "base64"));
}

/** As above, of bytes that are decoded already. They are the picture's from now on. */
export function pictureOf(bytes: Uint8Array): Picture | undefined {
  if (bytes.length > mostPictureBytes) return undefined;
  const type = typeOf(bytes);
  if (type === undefined) return undefined;
  return { bytes, type, digest: createHash("sha256").update(bytes).digest("base64url") };
}

/** By the signatures that the formats' own papers name (PNG 5.2, JFIF, GIF89a 17, WebP's container). */
function typeOf(bytes: Uint8Array): Picture["type"] | undefined {
  const head = Buffer.from(bytes.subarray(0, 12)).toString("latin1");
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) return "image/gif";
  if (head.startsWith("RIFF") && head.startsWith("WEBP", 8)) return "image/webp";
  return undefined;
}
