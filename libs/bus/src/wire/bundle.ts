// A bundle of entries as the bytes of one message: who sent it as its how-manieth, then each entry with its body.
import type { Codec } from "@heliograph/codec";
import { createMsgpackCodec } from "@heliograph/codec";
import type { Entry } from "@heliograph/core";
import type { WrittenEntry } from "./entry-fields.ts";
import { readEntry, unreadableKind, writeEntry } from "./entry-fields.ts";
import { mostHeadBytes, SpokenHeads } from "./spoken-heads.ts";

/** The first byte of every bundle. Another framing would have another; fields are added without one. */
const framing = 1;
/** Framing, sender, number. */
const headBytes = 1 + 8 + 4;
/** Lengths of head and body before each entry. */
const lengthBytes = 8;

/** Bytes of the page that bundles are written on, at first and at most while nothing is written. */
const firstPage = 64 * 1024;
const keptPage = 1024 * 1024;

const nothing = new Uint8Array(0);

export interface ReadBundle {
  readonly entries: readonly Entry[];
  /** Whether all of it could be read; what could not stands as entries that have no effect. */
  readonly sound: boolean;
}

/** A bundle that is no bundle: it keeps its place in the room's order and has no effect on any host. */
const unreadable: ReadBundle = { entries: [readEntry(entryCodec(), [unreadableKind], nothing)], sound: false };

export class BundleCodec {
  /** The sender's own 8 bytes. */
  readonly #sender: Uint8Array;
  readonly #codec = entryCodec();
  readonly #heads = new SpokenHeads(this.#codec);
  /** Where the next bundle is written, before it is copied at its right size. */
  #page = new Uint8Array(firstPage);

  constructor(sender: Uint8Array) {
    this.#sender = sender;
  }

  write(number: number, entries: readonly Entry[]): Uint8Array {
    let at = headBytes;
    for (const entry of entries) at = this.#put(at, entry);
    const page = this.#page;
    page[0] = framing;
    page.set(this.#sender, 1);
    putLength(page, 9, number);
    const bytes = page.slice(0, at);
    // A whole state may have been large: nobody needs so much again soon.
    if (page.length > keptPage) this.#page = new Uint8Array(firstPage);
    return bytes;
  }

  /** Gives where the entry ends on the page. */
  #put(at: number, entry: Entry): number {
    if (entry.kind !== "signal" && entry.kind !== "broadcast")
      return this.#putWritten(at, writeEntry(this.#codec, entry));
    const { bytes } = entry.body;
    const page = this.#roomOn(at + lengthBytes + mostHeadBytes + bytes.length);
    const headEnd = this.#heads.write(page, at + lengthBytes, entry);
    if (headEnd === 0) return this.#putWritten(at, writeEntry(this.#codec, entry));
    putLength(page, at, headEnd - at - lengthBytes);
    putLength(page, at + 4, bytes.length);
    page.set(bytes, headEnd);
    return headEnd + bytes.length;
  }

  #putWritten(at: number, { head, body = nothing }: WrittenEntry): number {
    const bytes = this.#codec.encode(head);
    const headEnd = at + lengthBytes + bytes.length;
    const page = this.#roomOn(headEnd + body.length);
    putLength(page, at, bytes.length);
    putLength(page, at + 4, body.length);
    page.set(bytes, at + lengthBytes);
    page.set(body, headEnd);
    return headEnd + body.length;
  }

  /** The page, with room up to `end`. */
  #roomOn(end: number): Uint8Array {
    if (end <= this.#page.length) return this.#page;
    const larger = new Uint8Array(Math.max(end, this.#page.length * 2));
    larger.set(this.#page);
    this.#page = larger;
    return larger;
  }

  /** The number of a bundle that this process wrote; undefined for everybody else's. */
  ownNumber(bytes: Uint8Array): number | undefined {
    if (bytes.length < headBytes || bytes[0] !== framing) return undefined;
    for (let i = 0; i < 8; i += 1) if (bytes[1 + i] !== this.#sender[i]) return undefined;
    return readLength(bytes, 9);
  }

  /** Never throws, whatever the bytes. Bodies are views into them. */
  read(bytes: Uint8Array): ReadBundle {
    if (bytes.length <= headBytes || bytes[0] !== framing) return unreadable;
    const entries: Entry[] = [];
    let sound = true;
    let at = headBytes;
    while (at < bytes.length) {
      if (at + lengthBytes > bytes.length) return unreadable;
      const headEnd = at + lengthBytes + readLength(bytes, at);
      const bodyEnd = headEnd + readLength(bytes, at + 4);
      if (bodyEnd > bytes.length) return unreadable;
      const head = this.#codec.decode(bytes.subarray(at + lengthBytes, headEnd));
      const entry = readEntry(this.#codec, head.ok ? head.value : null, bytes.subarray(headEnd, bodyEnd));
      if (String(entry.kind) === unreadableKind) sound = false;
      entries.push(entry);
      at = bodyEnd;
    }
    return { entries, sound };
  }
}

/** Its caps are those of our own states, the largest of all. */
export function entryCodec(): Codec {
  return createMsgpackCodec({ maxBytes: 64 * 1024 * 1024, maxDepth: 16, maxKeys: 16_000_000 });
}

function readLength(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) * 0x1000000 + (((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0))
  );
}

function putLength(bytes: Uint8Array, at: number, length: number): void {
  bytes[at] = length >>> 24;
  bytes[at + 1] = length >>> 16;
  bytes[at + 2] = length >>> 8;
  bytes[at + 3] = length;
}
