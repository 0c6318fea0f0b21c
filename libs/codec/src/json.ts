// JSON: RFC 8259 as I-JSON (RFC 7493) narrows it, with caps counted on the bytes before the parser sees them.
import type { Outcome } from "@heliograph/protocol";
import { accepted, refused } from "@heliograph/protocol";
import type { Codec, DecodeLimits } from "./codec.ts";
import { countMembers, findMember } from "./json-scan.ts";
import type { PlainObject, PlainValue } from "./plain.ts";
import { census } from "./plain.ts";
import { Slab } from "./slab.ts";

/** UTF-8 needs at most three bytes for one UTF-16 unit. */
const mostBytesPerUnit = 3;
const longText = 5_000;
const comma = 0x2c;
const closeObject = 0x7d;
/** Spliced names remembered as bytes. */
const mostNames = 16;

export function createJsonCodec(limits: DecodeLimits): Codec {
  return new JsonCodec(limits);
}

class JsonCodec implements Codec {
  readonly name = "json";
  readonly binary = false;
  readonly #limits: DecodeLimits;
  // A byte order mark is not stripped, so that the parser refuses it.
  readonly #utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  readonly #encoder = new TextEncoder();
  readonly #slab = new Slab();
  readonly #names = new Map<string, Uint8Array>();
  readonly #readString = (quoted: Uint8Array): string | undefined => {
    const value = this.#parse(quoted);
    return value.ok && typeof value.value === "string" ? value.value : undefined;
  };

  constructor(limits: DecodeLimits) {
    this.#limits = limits;
  }

  decode(bytes: Uint8Array): Outcome<PlainValue> {
    if (bytes.length > this.#limits.maxBytes) return refused("too_large", "bytes");
    const members = countMembers(bytes, this.#limits);
    if (typeof members === "string") return refused("too_large", members);
    return this.#parse(bytes, members);
  }

  encode(value: PlainValue): Uint8Array {
    const text = JSON.stringify(value);
    // Three bytes a unit is far too much for nearly all text: what is large gets memory of its exact size.
    if (text.length > longText) return this.#encoder.encode(text);
    const room = this.#slab.room(text.length * mostBytesPerUnit);
    return this.#slab.keep(room, this.#encoder.encodeInto(text, room).written);
  }

  slice(bytes: Uint8Array, key: string): Uint8Array | undefined {
    return findMember(bytes, key, this.#readString);
  }

  splice(head: PlainObject, key: string, raw: Uint8Array): Uint8Array {
    const object = JSON.stringify(head);
    const name = this.#nameOf(key);
    const room = this.#slab.room(object.length * mostBytesPerUnit + name.length + raw.length + 1);
    const { written } = this.#encoder.encodeInto(object, room);
    // The further member goes where the object was closed.
    let at = written - 1;
    if (object !== "{}") room[at++] = comma;
    room.set(name, at);
    at += name.length;
    room.set(raw, at);
    at += raw.length;
    room[at++] = closeObject;
    return this.#slab.keep(room, at);
  }

  /** A member's name as it stands before its value. Names of spliced members are our own and few. */
  #nameOf(key: string): Uint8Array {
    let name = this.#names.get(key);
    if (name === undefined) {
      name = this.#encoder.encode(`${JSON.stringify(key)}:`);
      if (this.#names.size < mostNames) this.#names.set(key, name);
    }
    return name;
  }

  /** `members`: how many the bytes have, when that is to be compared. */
  #parse(bytes: Uint8Array, members?: number): Outcome<PlainValue> {
    try {
      const value: PlainValue = JSON.parse(this.#utf8.decode(bytes));
      const counted = census(value);
      if (counted < 0) return refused("malformed", "a name, text or number that is not plain");
      if (members !== undefined && counted !== members) return refused("malformed", "a name occurs twice");
      return accepted(value);
    } catch {
      // The decoder and the parser throw on bytes that are not UTF-8 or not JSON: that is an answer, not a failure.
      return refused("malformed", "not JSON");
    }
  }
}
