// MessagePack: written by msgpackr as plain maps, arrays, text and numbers, and read by our own strict reader.
import type { Outcome } from "@heliograph/protocol";
import { Packr } from "msgpackr/pack";
import type { Codec, DecodeLimits } from "./codec.ts";
import { MsgpackReader } from "./msgpack-reader.ts";
import { findMember, mapSize, writeMapHead } from "./msgpack-scan.ts";
import type { PlainObject, PlainValue } from "./plain.ts";
import { Slab } from "./slab.ts";

/** The longest head of a map: the format and four bytes of size. */
const mostHeadBytes = 5;

export function createMsgpackCodec(limits: DecodeLimits): Codec {
  return new MsgpackCodec(limits);
}

class MsgpackCodec implements Codec {
  readonly name = "msgpack";
  readonly binary = true;
  readonly #reader: MsgpackReader;
  readonly #utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  readonly #slab = new Slab();
  // Records are an extension that only this library reads. A client may call a member `toJSON`, and passing it on to
  // another codec must not call it.
  readonly #packr = new Packr({ useRecords: false, variableMapSize: true, useToJSON: false });
  readonly #readText = (text: Uint8Array): string | undefined => {
    try {
      return this.#utf8.decode(text);
    } catch {
      // Not UTF-8: no name that anyone asks for.
      return undefined;
    }
  };

  constructor(limits: DecodeLimits) {
    this.#reader = new MsgpackReader(limits);
  }

  decode(bytes: Uint8Array): Outcome<PlainValue> {
    return this.#reader.read(bytes);
  }

  encode(value: PlainValue): Uint8Array {
    const packed = this.#packr.encode(value);
    // In Node the library answers with a Buffer, whose `slice` means something else than a Uint8Array's.
    return new Uint8Array(packed.buffer, packed.byteOffset, packed.byteLength);
  }

  slice(bytes: Uint8Array, key: string): Uint8Array | undefined {
    return findMember(bytes, key, this.#readText);
  }

  splice(head: PlainObject, key: string, raw: Uint8Array): Uint8Array {
    const packed = this.#packr.encode(head);
    const name = this.#packr.encode(key);
    const { members, headBytes } = mapSize(packed) ?? { members: 0, headBytes: 1 };
    const room = this.#slab.room(mostHeadBytes + packed.length + name.length + raw.length);
    let at = writeMapHead(room, members + 1);
    for (const part of [packed.subarray(headBytes), name, raw]) {
      room.set(part, at);
      at += part.length;
    }
    return this.#slab.keep(room, at);
  }
}
