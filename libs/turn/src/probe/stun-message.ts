// STUN messages as bytes (RFC 8489 section 5): written by us, and read from whoever answers.
import { createHmac, timingSafeEqual } from "node:crypto";
import { crc32 } from "node:zlib";
import { attributes, magicCookie } from "./stun-numbers.ts";

export type StunKind = "request" | "indication" | "success" | "error";

export interface StunAttribute {
  readonly type: number;
  readonly value: Uint8Array;
}

export interface StunMessage {
  readonly kind: StunKind;
  readonly method: number;
  /** 12 bytes. */
  readonly transaction: Uint8Array;
  /** Without MESSAGE-INTEGRITY, FINGERPRINT, and what stands behind the former unprotected. */
  readonly attributes: readonly StunAttribute[];
}

export interface ReadStunMessage extends StunMessage {
  /** Whether somebody who knows the key wrote it; false without MESSAGE-INTEGRITY. */
  isSignedBy(key: Uint8Array): boolean;
}

const headerBytes = 20;
const hmacBytes = 20;
const fingerprintXor = 0x5354554e;
/** Bits of the class, in the order of their two-bit number. */
const kinds = ["request", "indication", "success", "error"] as const;

/** With FINGERPRINT, and MESSAGE-INTEGRITY before it when there is a key. */
export function writeStun(message: StunMessage, key?: Uint8Array): Uint8Array {
  const bodyBytes = message.attributes.reduce((sum, { value }) => sum + 4 + padded(value.length), 0);
  const whole = new Uint8Array(headerBytes + bodyBytes + (key === undefined ? 0 : 4 + hmacBytes) + 8);
  const view = new DataView(whole.buffer);
  view.setUint16(0, typeOf(message.kind, message.method));
  view.setUint32(4, magicCookie);
  whole.set(message.transaction.subarray(0, 12), 8);
  let at = headerBytes;
  const put = (type: number, value: Uint8Array): void => {
    view.setUint16(at, type);
    view.setUint16(at + 2, value.length);
    whole.set(value, at + 4);
    at += 4 + padded(value.length);
  };
  for (const { type, value } of message.attributes) put(type, value);
  if (key !== undefined) {
    // The length already counts the attribute that is being computed (RFC 8489 section 14.5).
    view.setUint16(2, at + 4 + hmacBytes - headerBytes);
    put(attributes.messageIntegrity, createHmac("sha1", key).update(whole.subarray(0, at)).digest());
  }
  view.setUint16(2, at + 8 - headerBytes);
  const check = new Uint8Array(4);
  new DataView(check.buffer).setUint32(0, (crc32(whole.subarray(0, at)) ^ fingerprintXor) >>> 0);
  put(attributes.fingerprint, check);
  return whole;
}

/** Undefined: these bytes, from the first to the last, are no STUN message. Reads whatever arrives, and never throws. */
export function readStun(bytes: Uint8Array): ReadStunMessage | undefined {
  if (bytes.length < headerBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = view.getUint16(0);
  const length = view.getUint16(2);
  if (type >= 0x4000 || view.getUint32(4) !== magicCookie) return undefined;
  if (length % 4 !== 0 || headerBytes + length !== bytes.length) return undefined;
  const found: StunAttribute[] = [];
  let integrityAt: number | undefined;
  for (let at = headerBytes; at < bytes.length; ) {
    const attribute = view.getUint16(at);
    const size = view.getUint16(at + 2);
    const next = at + 4 + padded(size);
    if (next > bytes.length) return undefined;
    const value = bytes.slice(at + 4, at + 4 + size);
    if (attribute === attributes.fingerprint) {
      if (next !== bytes.length || size !== 4) return undefined;
      const expected = (crc32(bytes.subarray(0, at)) ^ fingerprintXor) >>> 0;
      if (view.getUint32(at + 4) !== expected) return undefined;
    } else if (attribute === attributes.messageIntegrity) {
      if (size !== hmacBytes) return undefined;
      integrityAt ??= at;
    } else if (integrityAt === undefined) {
      // Whatever follows the signature is not covered by it, and anybody may have added it.
      found.push({ type: attribute, value });
    }
    at = next;
  }
  const kind = kinds[((type >> 7) & 0b10) | ((type >> 4) & 0b01)] ?? "request";
  return {
    kind,
    method: (type & 0x000f) | ((type >> 1) & 0x0070) | ((type >> 2) & 0x0f80),
    transaction: bytes.slice(8, headerBytes),
    attributes: found,
    isSignedBy: (key) => integrityAt !== undefined && isSigned(bytes, integrityAt, key),
  };
}

/** Of several with one type the first counts (RFC 8489 section 14). */
export function attributeOf(message: StunMessage, type: number): Uint8Array | undefined {
  return message.attributes.find((attribute) => attribute.type === type)?.value;
}

/** 3 digits and words for people; undefined where it is none. */
export function errorOf(message: StunMessage): { readonly code: number; readonly reason: string } | undefined {
  const value = attributeOf(message, attributes.errorCode);
  const hundreds = value?.[2];
  const rest = value?.[3];
  if (value === undefined || hundreds === undefined || rest === undefined) return undefined;
  return { code: (hundreds & 0x07) * 100 + Math.min(rest, 99), reason: printable(value.subarray(4)) };
}

/** A foreign text that goes into logs and terminals: no control characters, and no more than RFC 8489 allows. */
export function printable(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, 763)).replace(/\p{C}/gu, "").slice(0, 128);
}

function isSigned(bytes: Uint8Array, at: number, key: Uint8Array): boolean {
  const covered = bytes.slice(0, at);
  new DataView(covered.buffer).setUint16(2, at + 4 + hmacBytes - headerBytes);
  const expected = createHmac("sha1", key).update(covered).digest();
  return timingSafeEqual(expected, bytes.subarray(at + 4, at + 4 + hmacBytes));
}

function typeOf(kind: StunKind, method: number): number {
  const number = kinds.indexOf(kind);
  const spread = (method & 0x000f) | ((method & 0x0070) << 1) | ((method & 0x0f80) << 2);
  return spread | ((number & 0b10) << 7) | ((number & 0b01) << 4);
}

function padded(size: number): number {
  return (size + 3) & ~3;
}
