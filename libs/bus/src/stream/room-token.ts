// A room's name as one token of a NATS subject: legal whatever the name holds, reversible, and no two names alike.
import type { RoomName } from "@heliograph/protocol";
import { nameBytes, parseKnownRoomName, utf8Length } from "@heliograph/protocol";

/** Stand for themselves. Everything else, dots, wildcards and spaces first of all, is written as `=` and two hexadecimal digits per byte. */
const plain = /^[A-Za-z0-9_-]+$/;
const utf8 = new TextEncoder();
const utf8Reader = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Undefined for a name over 256 bytes, which no door lets in: on an over-long subject the server drops the whole
 * connection. The longest token has 768 characters, far below the server's 4,096 for a line.
 */
export function tokenOf(name: RoomName): string | undefined {
  if (plain.test(name)) return name.length > nameBytes ? undefined : name;
  if (utf8Length(name) > nameBytes) return undefined;
  let token = "";
  for (const byte of utf8.encode(name)) {
    const character = String.fromCharCode(byte);
    token += plain.test(character) ? character : `=${byte.toString(16).padStart(2, "0")}`;
  }
  return token;
}

/** The name that `tokenOf` wrote; undefined for a token that it does not write. */
export function nameOf(token: string): RoomName | undefined {
  const bytes: number[] = [];
  for (let at = 0; at < token.length; at += 1) {
    if (token[at] !== "=") bytes.push(token.charCodeAt(at));
    else {
      bytes.push(Number.parseInt(token.slice(at + 1, at + 3), 16));
      at += 2;
    }
  }
  try {
    const name = parseKnownRoomName(utf8Reader.decode(Uint8Array.from(bytes)));
    return name.ok && tokenOf(name.value) === token ? name.value : undefined;
  } catch {
    // Not UTF-8: nobody's name.
    return undefined;
  }
}
