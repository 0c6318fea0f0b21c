// Walks accepted MessagePack without building anything: where a member's value lies, and how a map grows by one.

/** The bytes of the top-level member called `key`, of MessagePack that has been accepted. */
export function findMember(
  bytes: Uint8Array,
  key: string,
  readText: (text: Uint8Array) => string | undefined,
): Uint8Array | undefined {
  const size = mapSize(bytes);
  if (size === undefined) return undefined;
  let at = size.headBytes;
  for (let member = 0; member < size.members && at < bytes.length; member++) {
    const value = skipValue(bytes, at);
    const end = skipValue(bytes, value);
    if (end > bytes.length) return undefined;
    if (isKey(bytes, textStart(bytes, at), value, key, readText)) return bytes.subarray(value, end);
    at = end;
  }
  return undefined;
}

/** How many members a map says it has, and how many bytes it uses to say so; undefined for what is no map. */
export function mapSize(bytes: Uint8Array): { readonly members: number; readonly headBytes: number } | undefined {
  const format = bytes[0];
  if (format === undefined) return undefined;
  if (format >= 0x80 && format < 0x90) return { members: format & 0x0f, headBytes: 1 };
  if (format === 0xde) return { members: unsigned(bytes, 1, 2), headBytes: 3 };
  if (format === 0xdf) return { members: unsigned(bytes, 1, 4), headBytes: 5 };
  return undefined;
}

/** Writes the head of a map of so many members in its shortest form, and says how many bytes that took. */
export function writeMapHead(room: Uint8Array, members: number): number {
  if (members < 0x10) {
    room[0] = 0x80 | members;
    return 1;
  }
  const width = members < 0x1_0000 ? 2 : 4;
  room[0] = width === 2 ? 0xde : 0xdf;
  for (let byte = 0; byte < width; byte++) room[1 + byte] = members >>> (8 * (width - 1 - byte));
  return 1 + width;
}

/** Whether the text at `from` up to `to` is `key`: byte by byte, or read when it is not plain ASCII. */
function isKey(
  bytes: Uint8Array,
  from: number,
  to: number,
  key: string,
  readText: (text: Uint8Array) => string | undefined,
): boolean {
  let same = to - from === key.length;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0;
    if (byte > 0x7f) return readText(bytes.subarray(from, to)) === key;
    if (same && byte !== key.charCodeAt(at - from)) same = false;
  }
  return same;
}

function textStart(bytes: Uint8Array, at: number): number {
  const format = bytes[at] ?? 0;
  if (format === 0xd9) return at + 2;
  if (format === 0xda) return at + 3;
  if (format === 0xdb) return at + 5;
  return at + 1;
}

/** The first byte behind the value that begins at `from`. A loop, since bytes that nobody accepted may nest without end. */
function skipValue(bytes: Uint8Array, from: number): number {
  let at = from;
  for (let open = 1; open > 0; open--) {
    const format = bytes[at++];
    if (format === undefined) return Number.POSITIVE_INFINITY;
    if (format < 0x80 || format >= 0xe0) continue;
    if (format < 0x90) open += 2 * (format & 0x0f);
    else if (format < 0xa0) open += format & 0x0f;
    else if (format < 0xc0) at += format & 0x1f;
    else {
      const lengthBytes = lengthWidths.get(format);
      if (lengthBytes !== undefined) {
        const length = unsigned(bytes, at, lengthBytes);
        at += lengthBytes;
        if (format === 0xdc || format === 0xdd) open += length;
        else if (format === 0xde || format === 0xdf) open += 2 * length;
        else at += length;
      } else {
        at += fixedWidths.get(format) ?? 0;
      }
    }
  }
  return at;
}

/** Formats that say a length first, by the width of that length: text, arrays, maps. */
const lengthWidths: ReadonlyMap<number, 1 | 2 | 4> = new Map([
  [0xd9, 1],
  [0xda, 2],
  [0xdb, 4],
  [0xdc, 2],
  [0xdd, 4],
  [0xde, 2],
  [0xdf, 4],
]);

/** Numbers, by how many bytes follow the format; null, true and false are followed by none. */
const fixedWidths: ReadonlyMap<number, number> = new Map([
  [0xca, 4],
  [0xcb, 8],
  [0xcc, 1],
  [0xcd, 2],
  [0xce, 4],
  [0xcf, 8],
  [0xd0, 1],
  [0xd1, 2],
  [0xd2, 4],
  [0xd3, 8],
]);

function unsigned(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let byte = 0; byte < width; byte++) value = value * 0x100 + (bytes[at + byte] ?? 0);
  return value;
}
