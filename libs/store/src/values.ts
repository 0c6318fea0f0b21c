// How values stand in Redis: JSON that people can read there, and bytes of others behind a JSON head and a line's end.
import type { PlainObject, PlainValue } from "@heliograph/codec";
import { createJsonCodec } from "@heliograph/codec";

/** Far beyond what our own caps allow to be written: a guard against what somebody else put there. */
const json = createJsonCodec({ maxBytes: 1 << 26, maxDepth: 16, maxKeys: 1 << 23 });
const lineEnd = 0x0a;

/** What stands in Redis is not what we write. */
export class Unreadable extends Error {
  override readonly name = "Unreadable";
}

export function write(value: PlainValue): Buffer {
  return asBuffer(json.encode(value));
}

export function read(bytes: unknown): PlainValue {
  if (!Buffer.isBuffer(bytes)) throw new Unreadable("bytes were expected");
  const value = json.decode(bytes);
  if (!value.ok) throw new Unreadable(`what is kept is ${value.reason}`);
  return value.value;
}

/** JSON holds no line's end of its own, so the first one ends the head. Copies `body`. */
export function writeWithBody(head: PlainObject, body: Uint8Array): Buffer {
  return Buffer.concat([json.encode(head), Uint8Array.of(lineEnd), body]);
}

/** The body is a copy: what came from the network is a view into something large. */
export function readWithBody(bytes: unknown): { readonly head: PlainObject; readonly body: Uint8Array } {
  if (!Buffer.isBuffer(bytes)) throw new Unreadable("bytes were expected");
  const end = bytes.indexOf(lineEnd);
  if (end < 0) throw new Unreadable("a head was expected");
  return { head: objectOf(read(bytes.subarray(0, end))), body: Uint8Array.from(bytes.subarray(end + 1)) };
}

export function objectOf(value: PlainValue | undefined): PlainObject {
  if (typeof value !== "object" || value === null || isList(value)) throw new Unreadable("an object was expected");
  return value;
}

export function listOf(value: PlainValue | undefined): readonly PlainValue[] {
  if (typeof value !== "object" || value === null || !isList(value)) throw new Unreadable("a list was expected");
  return value;
}

export function textOf(value: PlainValue | undefined): string {
  if (typeof value !== "string") throw new Unreadable("text was expected");
  return value;
}

export function numberOf(value: PlainValue | undefined): number {
  if (typeof value !== "number") throw new Unreadable("a number was expected");
  return value;
}

export function flagOf(value: PlainValue | undefined): boolean {
  if (typeof value !== "boolean") throw new Unreadable("true or false was expected");
  return value;
}

export function oneOf<const T extends string>(known: readonly T[], value: PlainValue | undefined): T {
  const found = known.find((each) => each === value);
  if (found === undefined) throw new Unreadable(`one of ${known.join(", ")} was expected`);
  return found;
}

/** The optional members that are there. */
export function optional<K extends string, T>(
  object: PlainObject,
  key: K,
  take: (value: PlainValue) => T,
): { readonly [key in K]?: T } {
  const value = object[key];
  const found: { [key in K]?: T } = {};
  if (value !== undefined) found[key] = take(value);
  return found;
}

/** Text that a script answered. */
export function wordOf(answer: unknown): string {
  if (Buffer.isBuffer(answer)) return answer.toString();
  if (typeof answer === "string") return answer;
  throw new Unreadable("a word was expected");
}

export function countOf(answer: unknown): number {
  if (typeof answer === "number") return answer;
  throw new Unreadable("a number was expected");
}

/** Bytes that a script answered, copied: what came from the network is a view into something large. */
export function bytesOf(answer: unknown): Uint8Array {
  if (Buffer.isBuffer(answer)) return Uint8Array.from(answer);
  throw new Unreadable("bytes were expected");
}

export function answersOf(answer: unknown): readonly unknown[] {
  if (Array.isArray(answer)) return answer;
  throw new Unreadable("several answers were expected");
}

/** Ten years: beyond, Redis refuses to set a time at all. */
const longest = 315_360_000_000;

/** Milliseconds to live, as Redis takes them. */
export function lifeOf(ms: number): number {
  if (Number.isNaN(ms)) throw new RangeError("a time to live is no number");
  return Math.min(Math.max(1, Math.ceil(ms)), longest);
}

function isList(value: readonly PlainValue[] | PlainObject): value is readonly PlainValue[] {
  return Array.isArray(value);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
