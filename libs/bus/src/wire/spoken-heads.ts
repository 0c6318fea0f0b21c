// The quick way to the head of what is said most: the same MessagePack as the codec writes, without the list behind it.
import type { Codec } from "@heliograph/codec";
import type { Entry } from "@heliograph/core";
import type { Epoch } from "@heliograph/protocol";
import { epochFields } from "./vocabulary.ts";

type Spoken = Extract<Entry, { kind: "signal" | "broadcast" }>;

/** Bytes that any head of this way fits into. */
export const mostHeadBytes = 512;
/** Of these, what the sender's part and the addressee may take. */
const mostNameBytes = 460;

/** A speaker's part is the same in everything it says through one connection. */
interface Speaker {
  readonly from: string;
  /** `from` and the epoch, encoded. */
  readonly bytes: Uint8Array;
}

/** Lists, maps and copies for each entry were a tenth of what a message costs an edge (measured). */
export class SpokenHeads {
  readonly #codec: Codec;
  readonly #speakers = new WeakMap<Epoch, Speaker>();
  readonly #words: Readonly<Record<Spoken["kind"] | Spoken["body"]["codec"], Uint8Array>>;

  constructor(codec: Codec) {
    this.#codec = codec;
    const word = (text: string): Uint8Array => codec.encode(text).slice();
    this.#words = {
      signal: word("signal"),
      broadcast: word("broadcast"),
      json: word("json"),
      msgpack: word("msgpack"),
    };
  }

  /** Writes at `at`, where there is room for `mostHeadBytes`; gives where it ended, 0: this head is not of the quick kind. */
  write(into: Uint8Array, at: number, entry: Spoken): number {
    const { n, body } = entry;
    const speaker = this.#speaker(entry);
    const to = entry.kind === "signal" ? entry.to : "";
    if (n > 0xffff || to.length > 255 || speaker.length + to.length > mostNameBytes) return 0;
    let end = at;
    into[end] = entry.kind === "signal" ? 0x96 : 0x95;
    end = put(into, end + 1, this.#words[entry.kind]);
    end = put(into, end, speaker);
    end = putCount(into, end, n);
    end = put(into, end, this.#words[body.codec]);
    return entry.kind === "signal" ? putAscii(into, end, to) : end;
  }

  #speaker({ from, epoch }: Spoken): Uint8Array {
    const known = this.#speakers.get(epoch);
    if (known?.from === from) return known.bytes;
    const parts = [from, epochFields(epoch)].map((part) => this.#codec.encode(part).slice());
    const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
    let at = 0;
    for (const part of parts) at = put(bytes, at, part);
    this.#speakers.set(epoch, { from, bytes });
    return bytes;
  }
}

function put(into: Uint8Array, at: number, bytes: Uint8Array): number {
  into.set(bytes, at);
  return at + bytes.length;
}

/** A whole number from 0 to 65,535. */
function putCount(into: Uint8Array, at: number, n: number): number {
  if (n < 0x80) {
    into[at] = n;
    return at + 1;
  }
  if (n < 0x100) {
    into[at] = 0xcc;
    into[at + 1] = n;
    return at + 2;
  }
  into[at] = 0xcd;
  into[at + 1] = n >>> 8;
  into[at + 2] = n;
  return at + 3;
}

/** 0 for a text with anything but ASCII in it. */
function putAscii(into: Uint8Array, at: number, text: string): number {
  let end = at;
  if (text.length < 32) into[end] = 0xa0 | text.length;
  else {
    into[end] = 0xd9;
    end += 1;
    into[end] = text.length;
  }
  end += 1;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) return 0;
    into[end + i] = unit;
  }
  return end + text.length;
}
