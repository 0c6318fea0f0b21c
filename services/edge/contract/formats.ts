// The native dialect in both codecs, as an edge sets it up.
import type { Codec } from "@heliograph/codec";
import { createJsonCodec } from "@heliograph/codec/json";
import { createMsgpackCodec } from "@heliograph/codec/msgpack";
import { createNativeDialect } from "@heliograph/dialects/native";
import type { CodecName } from "@heliograph/protocol";
import { Format } from "../src/format.ts";

const limits = { maxBytes: 65_536, maxDepth: 32, maxKeys: 4_096 };
export const json = createJsonCodec(limits);
export const msgpack = createMsgpackCodec(limits);
const codecs = new Map<CodecName, Codec>([
  ["json", json],
  ["msgpack", msgpack],
]);

export function format(codec: CodecName, bodies: ReadonlyMap<CodecName, Codec> = codecs): Format {
  const dialect = createNativeDialect({ bodyBytes: 60_000, roomsPerSession: 32 });
  return new Format(dialect, codec === "json" ? json : msgpack, bodies);
}
