// What one member says to others: the sender's own bytes, in the codec they came in.

export type CodecName = "json" | "msgpack";

/**
 * An encoded value. The bytes are passed on untouched to readers of the same codec and transcoded once per other
 * codec; whoever keeps a body beyond the call that brought it must own a copy.
 */
export interface Body {
  readonly codec: CodecName;
  readonly bytes: Uint8Array;
}
