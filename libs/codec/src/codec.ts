// What a codec is: bytes into plain values and back, without knowing what the values mean.
import type { Outcome } from "@heliograph/protocol";
import type { PlainObject, PlainValue } from "./plain.ts";

export type CodecName = "json" | "msgpack";

/** Caps applied while bytes are read, before anything large or deep is built from them. Beyond one: `too_large`. */
export interface DecodeLimits {
  /** Bytes of the whole frame. */
  readonly maxBytes: number;
  /** Objects and arrays inside one another; a flat object is 1. Values are walked by recursion: stay below 512. */
  readonly maxDepth: number;
  /** Members of objects and elements of arrays, all levels together. */
  readonly maxKeys: number;
}

/**
 * Every method is synchronous and keeps nothing of what it was given. `decode` and `slice` never throw, whatever the
 * bytes; `encode` and `splice` are for our own values, and for values that `decode` of any codec has accepted.
 *
 * All codecs accept the same values, so that what came in by one can always go out by another. Refused as `malformed`:
 * broken encodings, anything before or after the one value, a name that occurs twice in an object, the name
 * `__proto__`, text with half a surrogate pair, numbers that are not finite, and whatever JSON cannot say (binary,
 * extensions, timestamps, names that are not text). Numbers are doubles: larger integers are rounded alike, and -0 is
 * read as -0 and written as 0.
 */
export interface Codec {
  readonly name: CodecName;
  /** Which WebSocket frame carries it: binary, or text. */
  readonly binary: boolean;
  decode(bytes: Uint8Array): Outcome<PlainValue>;
  /** The result is never written to again; it may be a view into a block that other results share. */
  encode(value: PlainValue): Uint8Array;
  /**
   * The bytes of the value under `key` at the top level of an object that `decode` has accepted; undefined when there
   * is no such member. A view into `bytes`: whoever keeps it copies it. This passes a sender's own body on without
   * building and writing it again.
   */
  slice(bytes: Uint8Array, key: string): Uint8Array | undefined;
  /**
   * Encodes `head` with one further, last member `key`, whose value this codec has encoded already (as `slice` gives
   * it). `key` must not be in `head`.
   */
  splice(head: PlainObject, key: string, raw: Uint8Array): Uint8Array;
}
