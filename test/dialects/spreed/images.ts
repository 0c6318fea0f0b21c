// Pictures and what pretends to be one, for uploads.
import { createHash } from "node:crypto";

const bytes = (...parts: readonly (string | readonly number[])[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from([...part]))));

/** The smallest PNG there is: one clear pixel. */
export const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);
/** Begins and ends like one; what is between them differs with the text. */
export function jpeg(text: string): Buffer {
  return bytes([0xff, 0xd8, 0xff, 0xe0, 0, 16], "JFIF\0", [1, 1, 0, 0, 1, 0, 1, 0, 0], hashed(text), [0xff, 0xd9]);
}
export const gif = bytes("GIF89a", [1, 0, 1, 0, 0, 0, 0], ";");
export const webp = bytes("RIFF", [26, 0, 0, 0], "WEBPVP8L", [13, 0, 0, 0], "/0000000000000");
export const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
export const html = Buffer.from("<!doctype html><script>alert(1)</script>");

export function dataUrl(type: string, picture: Buffer): string {
  return `data:${type};base64,${picture.toString("base64")}`;
}

function hashed(text: string): string {
  return createHash("sha256").update(text).digest().toString("latin1");
}
