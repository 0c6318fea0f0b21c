// The two ways frames become bytes, for both ends of every codec.
import type { Codec, CodecName, PlainValue } from "@heliograph/codec";
import { createJsonCodec } from "@heliograph/codec/json";
import { createMsgpackCodec } from "@heliograph/codec/msgpack";

/** Wide enough for whatever a server may send: its own limits are what is tried here, not ours. */
const limits = { maxBytes: 1 << 26, maxDepth: 500, maxKeys: 1_000_000 };

const codecs: Readonly<Record<CodecName, Codec>> = {
  json: createJsonCodec(limits),
  msgpack: createMsgpackCodec(limits),
};

export const codecNames: readonly CodecName[] = ["json", "msgpack"];

export function codecOf(name: CodecName): Codec {
  return codecs[name];
}

export function subprotocolOf(name: CodecName): string {
  return `heliograph.v1.${name}`;
}

/** A value of one member whose bytes no encoder would write, such as one that nests too deep. */
export function withRawMember(
  name: CodecName,
  head: Readonly<Record<string, PlainValue>>,
  key: string,
  raw: Uint8Array,
): Uint8Array {
  return codecs[name].splice(head, key, raw);
}

/** Lists inside one another, the innermost empty. */
export function nested(name: CodecName, depth: number): Uint8Array {
  if (name === "json") return Buffer.from(`${"[".repeat(depth)}${"]".repeat(depth)}`);
  const bytes = Buffer.alloc(depth, 0x91);
  bytes[depth - 1] = 0x90;
  return bytes;
}
