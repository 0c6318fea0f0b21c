/** Bytes to plain values and back, with caps; knows no message. */
export type { Codec, CodecName, DecodeLimits } from "./codec.ts";
export { createJsonCodec } from "./json.ts";
export { createMsgpackCodec } from "./msgpack.ts";
export type { PlainObject, PlainValue } from "./plain.ts";
export { transcode } from "./transcode.ts";
