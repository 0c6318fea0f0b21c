// The MessagePack codec for clients, in a module of its own so that pages on JSON do not load it.

import { createMsgpackCodec } from "@heliograph/codec/msgpack";
import type { ClientCodec } from "./client-codec.ts";
import { decodeLimits } from "./client-codec.ts";

/** `new Heliograph({ url, codec: msgpack() })` */
export function msgpack(): ClientCodec {
  return { name: "msgpack", codec: createMsgpackCodec(decodeLimits) };
}
