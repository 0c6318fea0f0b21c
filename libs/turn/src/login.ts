// A login of TURN: signed as coturn checks it (TURN REST, shared secret), and what browsers take as one.

import { createHmac } from "node:crypto";
import { utf8Length } from "@heliograph/protocol";
import type { Secret } from "./secret.ts";

export interface Login {
  readonly username: string;
  readonly password: string;
}

/** The letters and digits of a tag, which is all that TURN logs show of a user. */
const tagLength = 22;

/** RFC 8489; Chromium throws at one more. */
const usernameBytes = 509;
/** No service's is longer, and a grant has a size. */
const passwordBytes = 1_024;

/**
 * A login that opens coturn until the end of that second (since 1970): a second later it is refused. The key is the secret's
 * text as it stands in coturn's file: never decoded, even where it looks like hexadecimal or base64. SHA-1 and padded
 * base64 since coturn refuses anything else.
 */
export function signedLogin(secret: Secret, tag: string, lastSecond: number): Login {
  const username = `${lastSecond}:${tag}`;
  return { username, password: createHmac("sha1", secret.reveal()).update(username).digest("base64") };
}

/** Tells one subject's logins from another's, the same on every node, and says nothing of the subject. */
export function tagOf(key: Secret<Uint8Array>, subject: string): string {
  return createHmac("sha256", key.reveal()).update(subject).digest("base64url").slice(0, tagLength);
}

/** Whether RTCPeerConnection takes it. With one entry that it does not take, a page gets no connection at all. */
export function isLogin({ username, password }: Login): boolean {
  return isText(username, usernameBytes) && isText(password, passwordBytes);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: refusing control characters is the point.
const controls = /[\u0000-\u001f\u007f]/;

/** Services' answers end up here, so the type is not believed. */
function isText(value: unknown, mostBytes: number): boolean {
  return (
    typeof value === "string" &&
    value !== "" &&
    value.isWellFormed() &&
    utf8Length(value) <= mostBytes &&
    !controls.test(value)
  );
}
