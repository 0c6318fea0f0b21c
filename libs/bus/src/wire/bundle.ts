// A bundle of entries as the bytes of one message: who sent it as its how-manieth, then each entry with its body.
import type { Codec } from "@heliograph/codec";
import { createMsgpackCodec } from "@heliograph/codec";
import type { Entry } from "@heliograph/core";
import { readEntry, unreadableKind, writeEntry } from "./entry-fields.ts";

/** The first byte of every bundle. Another framing would have another; fields are added without one. */
const framing = 1;
/** Framing, sender, number. */
const headBytes = 1 + 8 + 4;
/** Lengths of head and body before each entry. */
const lengthBytes = 8;

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

  constructor(sender: Uint8Array) {
    this.#sender = sender;
  }

  write(number: number, entries: readonly Entry[]): Uint8Array {
    const parts: Uint8Array[] = [];
    let length = headBytes;
    for (const entry of entries) {
      const { head, body = nothing } = writeEntry(this.#codec, entry);
      const headPart = this.#codec.encode(head);
      parts.push(headPart, body);
      length += lengthBytes + headPart.length + body.length;
    }
    const bytes = new Uint8Array(length);
    const view = new DataView(bytes.buffer);
    bytes[0] = framing;
    bytes.set(this.#sender, 1);
    view.setUint32(9, number);
    let at = headBytes;
    for (let i = 0; i < parts.length; i += 2) {
      const [head = nothing, body = nothing] = [parts[i], parts[i + 1]];
      view.setUint32(at, head.length);
      view.setUint32(at + 4, body.length);
      bytes.set(head, at + lengthBytes);
      bytes.set(body, at + lengthBytes + head.length);
      at += lengthBytes + head.length + body.length;
    }
    return bytes;
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
