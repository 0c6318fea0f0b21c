// Walks the bytes of JSON without building anything: the caps before parsing, and where a member's value lies.
import type { DecodeLimits } from "./codec.ts";

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openArray = 0x5b;
const backslash = 0x5c;
const closeArray = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;
const space = 0x20;

/** Below this many bytes a loop finds the end of a string faster than a call into the engine (measured, Node 20). */
const shortString = 24;

/**
 * Members and elements at all levels, or the cap that was met first. Exact for valid JSON; for anything else the
 * number means nothing, and the parser that runs next refuses it.
 */
export function countMembers(bytes: Uint8Array, limits: DecodeLimits): number | "depth" | "keys" {
  const { maxDepth, maxKeys } = limits;
  let depth = 0;
  let members = 0;
  // Whether the innermost object or array has had nothing in it so far.
  let empty = true;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) {
      at = stringEnd(bytes, at + 1);
      empty = false;
    } else if (byte === openObject || byte === openArray) {
      if (++depth > maxDepth) return "depth";
      empty = true;
    } else if (byte === closeObject || byte === closeArray) {
      depth--;
      if (!empty && ++members > maxKeys) return "keys";
      empty = false;
    } else if (byte === comma) {
      if (++members > maxKeys) return "keys";
    } else if (byte > space) {
      empty = false;
    }
  }
  return members;
}

/** The bytes of the top-level member called `key`, of JSON that has been accepted. */
export function findMember(
  bytes: Uint8Array,
  key: string,
  readString: (quoted: Uint8Array) => string | undefined,
): Uint8Array | undefined {
  let at = skipSpace(bytes, 0);
  if (bytes[at] !== openObject) return undefined;
  at++;
  while (at < bytes.length) {
    const name = skipSpace(bytes, at);
    if (bytes[name] !== quote) return undefined;
    const nameEnd = stringEnd(bytes, name + 1);
    const value = skipSpace(bytes, skipSpace(bytes, nameEnd + 1) + 1);
    const valueEnd = skipValue(bytes, value);
    if (isKey(bytes, name, nameEnd, key, readString)) {
      return valueEnd > value && valueEnd <= bytes.length ? bytes.subarray(value, valueEnd) : undefined;
    }
    at = skipSpace(bytes, valueEnd);
    if (bytes[at] !== comma) return undefined;
    at++;
  }
  return undefined;
}

/** Whether the string between the quotes at `from` and `to` says `key`: byte by byte, or read when it is not plain ASCII. */
function isKey(
  bytes: Uint8Array,
  from: number,
  to: number,
  key: string,
  readString: (quoted: Uint8Array) => string | undefined,
): boolean {
  let same = to - from - 1 === key.length;
  for (let at = from + 1; at < to; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === backslash || byte > 0x7f) return readString(bytes.subarray(from, to + 1)) === key;
    if (same && byte !== key.charCodeAt(at - from - 1)) same = false;
  }
  return same;
}

/** The first byte behind the value that begins at `from`. */
function skipValue(bytes: Uint8Array, from: number): number {
  const first = bytes[from];
  if (first === quote) return stringEnd(bytes, from + 1) + 1;
  if (first !== openObject && first !== openArray) return skipScalar(bytes, from);
  let depth = 0;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === quote) at = stringEnd(bytes, at + 1);
    else if (byte === openObject || byte === openArray) depth++;
    else if ((byte === closeObject || byte === closeArray) && --depth === 0) return at + 1;
  }
  return bytes.length;
}

function skipScalar(bytes: Uint8Array, from: number): number {
  let at = from;
  for (; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte <= space || byte === comma || byte === closeObject || byte === closeArray || byte === colon) break;
  }
  return at;
}

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && (bytes[at] ?? 0) <= space) at++;
  return at;
}

/** The closing quote of the string whose text begins at `from`; the length of the bytes when there is none. */
function stringEnd(bytes: Uint8Array, from: number): number {
  const near = Math.min(from + shortString, bytes.length);
  let at = from;
  for (; at < near; at++) {
    const byte = bytes[at];
    if (byte === quote) return at;
    if (byte === backslash) at++;
  }
  // `at` stands on no escaped byte, so from here a quote ends the string unless an odd run of backslashes precedes it.
  const start = at;
  for (;;) {
    const found = bytes.indexOf(quote, at);
    if (found < 0) return bytes.length;
    let run = found;
    while (run > start && bytes[run - 1] === backslash) run--;
    if ((found - run) % 2 === 0) return found;
    at = found + 1;
  }
}
