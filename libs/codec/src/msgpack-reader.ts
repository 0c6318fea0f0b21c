// Reads MessagePack strictly, in one walk that checks every length and cap before it builds anything.
import type { Outcome } from "@heliograph/protocol";
import { accepted, refused } from "@heliograph/protocol";
import type { DecodeLimits } from "./codec.ts";
import { Names } from "./names.ts";
import type { PlainValue } from "./plain.ts";

/** Stands for "stop, the reason is noted", since every plain value is a possible answer. */
const stopped = Symbol("stopped");

const nothing = new Uint8Array(0);

/** Longer text is faster to decode by the engine, shorter text by joining characters (measured, Node 20). */
const shortText = 20;

/**
 * The library that writes our MessagePack reads far more than JSON can say, renames `__proto__`, mends broken UTF-8 and
 * keeps the last of two equal names, so reading with it needs a second full walk before and a third one after it
 * (measured 1.5 us against 0.8 us for this one, for 250 bytes).
 */
export class MsgpackReader {
  readonly #limits: DecodeLimits;
  readonly #utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  readonly #names = new Names();
  readonly #float = new DataView(new ArrayBuffer(8));
  #bytes: Uint8Array = nothing;
  #at = 0;
  #depth = 0;
  #members = 0;
  #cap: "depth" | "keys" | undefined;

  constructor(limits: DecodeLimits) {
    this.#limits = limits;
  }

  /** The one value that `bytes` holds. */
  read(bytes: Uint8Array): Outcome<PlainValue> {
    if (bytes.length > this.#limits.maxBytes) return refused("too_large", "bytes");
    this.#begin(bytes);
    try {
      const value = this.#value();
      if (this.#cap !== undefined) return refused("too_large", this.#cap);
      if (value === stopped || this.#at !== bytes.length) return refused("malformed", "not plain MessagePack");
      return accepted(value);
    } catch {
      // Only the UTF-8 decoder throws, on broken text: that is an answer, not a failure.
      return refused("malformed", "not UTF-8");
    } finally {
      // A reader lives as long as its process and must not hold a frame's memory.
      this.#bytes = nothing;
    }
  }

  #begin(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#at = 0;
    this.#depth = 0;
    this.#members = 0;
    this.#cap = undefined;
  }

  // The formats: https://github.com/msgpack/msgpack/blob/master/spec.md#formats
  #value(): PlainValue | typeof stopped {
    const format = this.#bytes[this.#at++];
    if (format === undefined) return stopped;
    if (format < 0x80) return format;
    if (format < 0x90) return this.#map(format & 0x0f);
    if (format < 0xa0) return this.#array(format & 0x0f);
    if (format < 0xc0) return this.#text(format & 0x1f);
    if (format >= 0xe0) return format - 0x100;
    switch (format) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xca:
        return this.#double(4);
      case 0xcb:
        return this.#double(8);
      case 0xcc:
        return this.#unsigned(1);
      case 0xcd:
        return this.#unsigned(2);
      case 0xce:
        return this.#unsigned(4);
      case 0xcf:
        return this.#unsigned(8);
      case 0xd0:
        return this.#signed(1);
      case 0xd1:
        return this.#signed(2);
      case 0xd2:
        return this.#signed(4);
      case 0xd3:
        return this.#signed(8);
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#textOf(format);
      case 0xdc:
        return this.#array(this.#length(2));
      case 0xdd:
        return this.#array(this.#length(4));
      case 0xde:
        return this.#map(this.#length(2));
      case 0xdf:
        return this.#map(this.#length(4));
      default:
        // Binary, extensions (timestamps among them) and the one unused format.
        return stopped;
    }
  }

  #map(size: number): PlainValue | typeof stopped {
    if (!this.#enter(size, 2)) return stopped;
    const object: Record<string, PlainValue> = {};
    for (let member = 0; member < size; member++) {
      const key = this.#name();
      if (key === stopped || key === "__proto__" || Object.hasOwn(object, key)) return stopped;
      const value = this.#value();
      if (value === stopped) return stopped;
      object[key] = value;
    }
    this.#depth--;
    return object;
  }

  #array(size: number): PlainValue | typeof stopped {
    if (!this.#enter(size, 1)) return stopped;
    const array: PlainValue[] = [];
    for (let element = 0; element < size; element++) {
      const value = this.#value();
      if (value === stopped) return stopped;
      array.push(value);
    }
    this.#depth--;
    return array;
  }

  /** Whether a map or array of this size may be built: within the caps, and its bytes can be there at all. */
  #enter(size: number, leastBytes: 1 | 2): boolean {
    if (++this.#depth > this.#limits.maxDepth) this.#cap = "depth";
    this.#members += size;
    // A size beyond the bytes at hand is a lie rather than a large frame.
    if (!(size * leastBytes <= this.#bytes.length - this.#at)) return false;
    if (this.#cap === undefined && this.#members > this.#limits.maxKeys) this.#cap = "keys";
    return this.#cap === undefined;
  }

  #name(): string | typeof stopped {
    const format = this.#bytes[this.#at++];
    if (format === undefined) return stopped;
    if (format < 0xa0 || format >= 0xc0) return this.#textOf(format);
    const start = this.#at;
    const end = start + (format & 0x1f);
    const known = this.#names.find(this.#bytes, start, end);
    if (known !== undefined) {
      this.#at = end;
      return known;
    }
    const name = this.#text(format & 0x1f);
    if (name !== stopped) this.#names.remember(name, this.#bytes, start, end);
    return name;
  }

  #textOf(format: number): string | typeof stopped {
    if (format === 0xd9) return this.#text(this.#length(1));
    if (format === 0xda) return this.#text(this.#length(2));
    if (format === 0xdb) return this.#text(this.#length(4));
    return stopped;
  }

  #text(length: number): string | typeof stopped {
    const bytes = this.#bytes;
    const start = this.#at;
    const end = start + length;
    if (!(end <= bytes.length)) return stopped;
    this.#at = end;
    if (length > shortText) return this.#utf8.decode(bytes.subarray(start, end));
    let text = "";
    for (let at = start; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte > 0x7f) return this.#utf8.decode(bytes.subarray(start, end));
      text += String.fromCharCode(byte);
    }
    return text;
  }

  #double(width: 4 | 8): number | typeof stopped {
    const start = this.#at;
    this.#at += width;
    if (this.#at > this.#bytes.length) return stopped;
    for (let byte = 0; byte < width; byte++) this.#float.setUint8(byte, this.#bytes[start + byte] ?? 0);
    const value = width === 4 ? this.#float.getFloat32(0) : this.#float.getFloat64(0);
    return Number.isFinite(value) ? value : stopped;
  }

  #unsigned(width: 1 | 2 | 4 | 8): number | typeof stopped {
    const value = width === 8 ? this.#length(4) * 0x1_0000_0000 + this.#length(4) : this.#length(width);
    return Number.isNaN(value) ? stopped : value;
  }

  #signed(width: 1 | 2 | 4 | 8): number | typeof stopped {
    // The high half carries the sign. One rounding happens, in the last addition, as in reading the decimal digits.
    if (width === 8) {
      const value = (this.#length(4) | 0) * 0x1_0000_0000 + this.#length(4);
      return this.#at > this.#bytes.length ? stopped : value;
    }
    const value = this.#length(width);
    if (Number.isNaN(value)) return stopped;
    const unused = 32 - width * 8;
    return (value << unused) >> unused;
  }

  /** An unsigned big-endian number of up to 32 bits; NaN when the bytes end before it does. */
  #length(width: 1 | 2 | 4): number {
    const start = this.#at;
    this.#at += width;
    if (this.#at > this.#bytes.length) return Number.NaN;
    const bytes = this.#bytes;
    if (width === 1) return bytes[start] ?? 0;
    const high = ((bytes[start] ?? 0) << 8) | (bytes[start + 1] ?? 0);
    if (width === 2) return high;
    return high * 0x1_0000 + (((bytes[start + 2] ?? 0) << 8) | (bytes[start + 3] ?? 0));
  }
}
