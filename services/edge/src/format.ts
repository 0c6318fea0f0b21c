// A dialect in a codec: how one connection's bytes become commands, and events its bytes.
import type { Codec, PlainValue } from "@heliograph/codec";
import { transcode } from "@heliograph/codec";
import type { DecodedFrame, Dialect, ReadRefusal, Tellable } from "@heliograph/dialects";
import type { Body, CodecName, Command, Refused } from "@heliograph/protocol";

export type Reading =
  | { readonly ok: true; readonly value: Command }
  /** The frame was understood as a value, but is no command: the socket may go on. */
  | { readonly ok: false; readonly unreadable: false; readonly refusal: ReadRefusal }
  /** The bytes are not a value of the codec: nothing after them can be trusted. */
  | { readonly ok: false; readonly unreadable: true; readonly refusal: Refused };

/** A stored body that its codec cannot read. No node lets one in: something else wrote it into the log. */
export class UnreadableBody extends Error {
  constructor(body: Body) {
    super(`a stored body of codec ${body.codec} cannot be read`);
  }
}

export class Format {
  readonly dialect: Dialect;
  readonly codec: Codec;
  /** For bodies that another connection sent: with limits that no node's frames exceed. */
  readonly #codecs: ReadonlyMap<CodecName, Codec>;
  readonly #frame: FrameView;
  #lastEvent: Tellable | undefined;
  #lastBytes: Uint8Array = new Uint8Array(0);

  constructor(dialect: Dialect, codec: Codec, codecs: ReadonlyMap<CodecName, Codec>) {
    this.dialect = dialect;
    this.codec = codec;
    this.#codecs = codecs;
    this.#frame = new FrameView(codec);
  }

  /** Synchronous; bodies in the command own their bytes. */
  read(bytes: Uint8Array): Reading {
    const decoded = this.codec.decode(bytes);
    if (!decoded.ok) return { ok: false, unreadable: true, refusal: decoded };
    const frame = this.#frame;
    frame.value = decoded.value;
    frame.bytes = bytes;
    const read = this.dialect.read(frame);
    return read.ok ? read : { ok: false, unreadable: false, refusal: read };
  }

  /** Encodes once for all connections of this format: a broadcast reaches them one after the other. */
  write(event: Tellable): Uint8Array {
    if (this.#lastEvent === event) return this.#lastBytes;
    const { head, raw } = this.dialect.write(event, this.#open);
    // Heads are plain values by the dialect's promise; the type of a record of unknowns cannot say so.
    const plain = head as Readonly<Record<string, PlainValue>>;
    const bytes = raw === undefined ? this.codec.encode(plain) : this.codec.splice(plain, raw.key, this.#own(raw.body));
    // What goes to one client only must not push out what many are being told.
    if (event.type === "ack" || event.type === "signal") return bytes;
    this.#lastEvent = event;
    this.#lastBytes = bytes;
    return bytes;
  }

  /** The body in this codec. It was accepted by one codec, so every other can say it; else it throws `UnreadableBody`. */
  #own(body: Body): Uint8Array {
    if (body.codec === this.codec.name) return body.bytes;
    const from = this.#codecs.get(body.codec);
    const other = from === undefined ? undefined : transcode(from, this.codec, body.bytes);
    if (other === undefined || !other.ok) throw new UnreadableBody(body);
    return other.value;
  }

  readonly #open = (body: Body): unknown => {
    const value = this.#codecs.get(body.codec)?.decode(body.bytes);
    if (value === undefined || !value.ok) throw new UnreadableBody(body);
    return value.value;
  };
}

/** One view for all frames of a format: reading is synchronous, and nobody keeps the frame. */
class FrameView implements DecodedFrame {
  readonly codec: CodecName;
  readonly #codec: Codec;
  value: unknown;
  bytes: Uint8Array = new Uint8Array(0);

  constructor(codec: Codec) {
    this.codec = codec.name;
    this.#codec = codec;
  }

  /** A copy: the socket's buffer is taken back when its callback returns, and what is sliced goes on into the log. */
  slice(key: string): Uint8Array | undefined {
    const view = this.#codec.slice(this.bytes, key);
    return view === undefined ? undefined : Buffer.from(view);
  }
}
