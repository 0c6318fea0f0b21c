// Cuts a stream of TCP or TLS into STUN messages and channel data (RFC 8656 section 12.5).

/** Larger than any answer to a probe; a server that says more is not listened to. */
const longestFrame = 4_096;

export class StreamFrames {
  #held = new Uint8Array();

  /** Whole frames, in order. Undefined: what arrived is neither, and the rest of the stream means nothing. */
  push(chunk: Uint8Array): readonly Uint8Array[] | undefined {
    const held = new Uint8Array(this.#held.length + chunk.length);
    held.set(this.#held);
    held.set(chunk, this.#held.length);
    const frames: Uint8Array[] = [];
    let at = 0;
    while (held.length - at >= 4) {
      const view = new DataView(held.buffer, at, 4);
      const size = frameBytes(view.getUint16(0), view.getUint16(2));
      if (size === undefined || size.whole > longestFrame) return undefined;
      if (held.length - at < size.onTheWire) break;
      frames.push(held.slice(at, at + size.whole));
      at += size.onTheWire;
    }
    this.#held = held.slice(at);
    return frames;
  }
}

/** Channel data is padded to four bytes in a stream, and its length does not count that. */
function frameBytes(first: number, length: number): { whole: number; onTheWire: number } | undefined {
  if (first < 0x4000) return length % 4 === 0 ? { whole: 20 + length, onTheWire: 20 + length } : undefined;
  if (first < 0x5000) return { whole: 4 + length, onTheWire: 4 + ((length + 3) & ~3) };
  return undefined;
}
