// Addresses inside STUN messages: an IP address and port, XORed with what every message holds (RFC 8489 section 14.2).
import { isIPv4, isIPv6 } from "node:net";
import { families, magicCookie } from "./stun-numbers.ts";

export interface Endpoint {
  /** An IPv4 or IPv6 address without brackets. */
  readonly address: string;
  readonly port: number;
}

/** Undefined: the address is none. */
export function writeXorAddress({ address, port }: Endpoint, transaction: Uint8Array): Uint8Array | undefined {
  const bytes = bytesOfAddress(address);
  if (bytes === undefined) return undefined;
  const value = new Uint8Array(4 + bytes.length);
  const mask = maskOf(transaction);
  value[1] = bytes.length === 4 ? families[4] : families[6];
  new DataView(value.buffer).setUint16(2, (port & 0xffff) ^ (magicCookie >>> 16));
  for (const [i, byte] of bytes.entries()) value[4 + i] = byte ^ (mask[i] ?? 0);
  return value;
}

export function readXorAddress(value: Uint8Array | undefined, transaction: Uint8Array): Endpoint | undefined {
  if (value === undefined) return undefined;
  const size = value[1] === families[4] ? 4 : 16;
  if (value.length !== 4 + size || (size === 16 && value[1] !== families[6])) return undefined;
  const mask = maskOf(transaction);
  const bytes = value.slice(4).map((byte, i) => byte ^ (mask[i] ?? 0));
  const port = new DataView(value.buffer, value.byteOffset).getUint16(2) ^ (magicCookie >>> 16);
  return { address: textOfAddress(bytes), port };
}

/** 4 or 16 bytes; an IPv4-mapped IPv6 address stays what it is. Undefined: no address, or one with a scope. */
export function bytesOfAddress(text: string): Uint8Array | undefined {
  if (isIPv4(text)) return Uint8Array.from(text.split("."), Number);
  if (!isIPv6(text) || text.includes("%")) return undefined;
  const [head = "", tail] = text.split("::");
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const zeros = new Array<number>(Math.max(0, 8 - before.length - after.length)).fill(0);
  return Uint8Array.from([...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff]));
}

function textOfAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(i * 2).toString(16)).join(":");
  // The longest run of zeros becomes `::`; among equals the first (RFC 5952).
  const runs = [...groups.matchAll(/\b0(?::0\b)+/g)].sort((a, b) => b[0].length - a[0].length);
  const run = runs[0];
  if (run === undefined) return groups;
  const before = groups.slice(0, run.index).replace(/:$/, "");
  const after = groups.slice(run.index + run[0].length).replace(/^:/, "");
  return `${before}::${after}`;
}

function groupsOf(part: string): readonly number[] {
  if (part === "") return [];
  return part.split(":").flatMap((group) => {
    if (!group.includes(".")) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
    return [(a << 8) | b, (c << 8) | d];
  });
}

function maskOf(transaction: Uint8Array): Uint8Array {
  const mask = new Uint8Array(16);
  new DataView(mask.buffer).setUint32(0, magicCookie);
  mask.set(transaction.subarray(0, 12), 4);
  return mask;
}
