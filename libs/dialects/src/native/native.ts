// The native protocol as a dialect: its subprotocols, its words, its reader and its writer.
import type { CodecName } from "@heliograph/protocol";
import type { Dialect, Vocabulary } from "../dialect.ts";
import type { NativeLimits } from "./reader.ts";
import { NativeReader } from "./reader.ts";
import { writeNative } from "./writer.ts";

/** JSON comes in text frames, MessagePack in binary ones. */
export const nativeSubprotocols: ReadonlyMap<string, CodecName> = new Map([
  ["heliograph.v1.json", "json"],
  ["heliograph.v1.msgpack", "msgpack"],
]);

const vocabulary: Vocabulary = {
  hello: ["hello"],
  resume: ["resume"],
  join: ["join"],
  ice: ["ice"],
  report: ["report"],
  ping: ["ping"],
  bye: ["bye"],
  leave: ["leave"],
  signal: ["signal"],
  broadcast: ["broadcast"],
  volatile: ["signal", "broadcast"],
  letter: [],
  profile: ["profile"],
  data: ["data"],
  settings: ["room"],
  moderate: ["moderate"],
};

export function createNativeDialect(limits: NativeLimits): Dialect {
  const reader = new NativeReader(limits);
  return {
    name: "heliograph.v1",
    subprotocols: nativeSubprotocols,
    vocabulary,
    read: (frame) => reader.read(frame),
    write: writeNative,
  };
}
