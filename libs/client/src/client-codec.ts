// Which bytes a client speaks: a codec, and the name that the subprotocol gives it.

import { createJsonCodec } from "@heliograph/codec/json";
import type { Outcome } from "@heliograph/protocol";

export interface Codec {
  decode(bytes: Uint8Array): Outcome<unknown>;
  encode(value: unknown): Uint8Array;
}

export interface ClientCodec {
  readonly name: "json" | "msgpack";
  readonly codec: Codec;
}

/** Caps on what a server may make a client decode: generous, since servers are trusted more than clients. */
export const decodeLimits = { maxBytes: 16 * 1024 * 1024, maxDepth: 128, maxKeys: 1_000_000 };

export function json(): ClientCodec {
  return { name: "json", codec: createJsonCodec(decodeLimits) };
}
