// Reads what the server says of a stored message from the raw bytes of its headers: 0.2 us instead of 3 for a map of them.

export interface StoredFacts {
  readonly seq: number;
  /** Milliseconds since 1970, by the stream's leader. */
  readonly time: number;
  /** The sequence before it on its subject; 0 where none is named. Live copies name it, direct gets only in batches and otherwise. */
  readonly previous: number;
}

const sequence = headerMark("Nats-Sequence");
const timeStamp = headerMark("Nats-Time-Stamp");
const lastSequence = headerMark("Nats-Last-Sequence");

/** `2026-11-21T13:10`: what is read as a date once per minute, and otherwise compared. */
const minuteLength = 16;
let minute = new Uint8Array(minuteLength);
let minuteTime = Number.NaN;
const ascii = new TextDecoder("latin1");

/** Undefined when these are not the headers of a stored message. The server writes them in this order. */
export function readStoredFacts(bytes: Uint8Array, end: number): StoredFacts | undefined {
  const seqAt = after(bytes, sequence, 0, end);
  const timeAt = seqAt < 0 ? -1 : after(bytes, timeStamp, seqAt, end);
  if (timeAt < 0) return undefined;
  const seq = readNumber(bytes, seqAt, end);
  const time = readTime(bytes, timeAt, end);
  if (Number.isNaN(seq) || Number.isNaN(time)) return undefined;
  const previousAt = after(bytes, lastSequence, timeAt, end);
  const previous = previousAt < 0 ? 0 : readNumber(bytes, previousAt, end);
  return Number.isNaN(previous) ? undefined : { seq, time, previous };
}

/** `NATS/1.0 404 Message Not Found`: the number behind the version; 0 where there is none. */
export function readStatus(bytes: Uint8Array, end: number): number {
  return end > 12 && bytes[8] === 0x20 ? readNumber(bytes, 9, end) || 0 : 0;
}

/** What stands before the text of a header. */
export function headerMark(name: string): Uint8Array {
  return bytesOf(`\r\n${name}: `);
}

/** The text behind the mark; undefined without it. */
export function readHeader(bytes: Uint8Array, end: number, mark: Uint8Array): string | undefined {
  const at = after(bytes, mark, 0, end);
  if (at < 0) return undefined;
  let to = at;
  while (to < end && bytes[to] !== 0x0d) to += 1;
  return ascii.decode(bytes.subarray(at, to));
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Where the first `mark` at or behind `from` ends; -1 without one. */
function after(bytes: Uint8Array, mark: Uint8Array, from: number, end: number): number {
  const length = mark.length;
  const last = end - length;
  for (let at = from; at <= last; at += 1) {
    if (bytes[at] !== 0x0d) continue;
    let same = 1;
    while (same < length && bytes[at + same] === mark[same]) same += 1;
    if (same === length) return at + length;
  }
  return -1;
}

function readNumber(bytes: Uint8Array, from: number, end: number): number {
  let value = 0;
  let at = from;
  for (; at < end; at += 1) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return at === from || value > Number.MAX_SAFE_INTEGER ? Number.NaN : value;
}

/** RFC 3339 in UTC with up to nine digits of a second, of which milliseconds are kept. */
function readTime(bytes: Uint8Array, from: number, end: number): number {
  if (from + minuteLength + 3 > end) return Number.NaN;
  for (let i = 0; i < minuteLength; i += 1) {
    if (bytes[from + i] === minute[i]) continue;
    minute = bytes.slice(from, from + minuteLength);
    minuteTime = Date.parse(`${ascii.decode(minute)}:00Z`);
    break;
  }
  let at = from + minuteLength + 1;
  const seconds = readNumber(bytes, at, at + 2);
  at += 2;
  let millis = 0;
  if (bytes[at] === 0x2e) {
    for (let place = 100; place >= 1; place /= 10) {
      at += 1;
      const digit = (bytes[at] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) break;
      millis += digit * place;
    }
  }
  return minuteTime + seconds * 1000 + millis;
}
