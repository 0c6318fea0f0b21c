// What every wire protocol does here: turn decoded frames into commands, and events into frames. Pure.
import type { Body, CodecName, Command, Event, Refused, RoomName } from "@heliograph/protocol";

/** An object of plain values, as a codec encodes it. */
export type PlainObject = Readonly<Record<string, unknown>>;

/** A decoded frame with access to the undecoded bytes of its top-level members. */
export interface DecodedFrame {
  readonly value: unknown;
  readonly codec: CodecName;
  /** The bytes of the member that `value[key]` was decoded from: a view into the frame. Undefined: no such member. */
  slice(key: string): Uint8Array | undefined;
}

/** A frame to encode: a plain head, and at most one member that is encoded already. */
export interface Written {
  readonly head: PlainObject;
  readonly raw?: { readonly key: string; readonly body: Body };
}

/** Decodes a body that was taken from a decoded frame before, so it cannot fail. */
export type OpenBody = (body: Body) => unknown;

/** Why a frame was not read, with what the answer needs to find its command: only where the frame told it. */
export interface ReadRefusal extends Refused {
  readonly n?: number;
  readonly room?: RoomName;
}

export type Read = { readonly ok: true; readonly value: Command } | ReadRefusal;

/** What every client may be told. Letters come only to whoever asked for a personal channel, by dialects of their own. */
export type Tellable = Exclude<Event, { readonly type: "letter" }>;

/** Where a command stands in the words of a dialect: its frame types, or none when the dialect cannot say it. */
export type Vocabulary = { readonly [Type in Command["type"]]: readonly string[] };

export interface Dialect {
  readonly name: string;
  /** WebSocket subprotocols (RFC 6455 section 1.9) in order of preference, and the codec each one means. */
  readonly subprotocols: ReadonlyMap<string, CodecName>;
  readonly vocabulary: Vocabulary;
  /** Never throws, whatever plain value a codec gives (no accessors, no holes). Bodies are views into the frame. */
  read(frame: DecodedFrame): Read;
  /**
   * One body goes beside the head, undecoded; whatever holds several (a room as a whole) is rare and opened with `open`.
   * The same event gives an equal frame, so one encoding serves all connections of a dialect and codec.
   */
  write(event: Tellable, open: OpenBody): Written;
}
