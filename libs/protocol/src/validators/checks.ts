// Compiled checks of frames: the doors by which an unknown value becomes a frame of the wire.
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import type { Outcome } from "../outcome.ts";
import { accepted, refused } from "../outcome.ts";
import { clientFrames } from "../schema/client.ts";
import type {
  ClientFrame,
  ClientFrameOf,
  ClientFrameType,
  ServerFrame,
  ServerFrameOf,
  ServerFrameType,
} from "../schema/mod.ts";
import { serverFrames } from "../schema/server.ts";
import type { Wire } from "../schema/wire.ts";
import { firstFault } from "./fault.ts";

/** Refuses as `malformed` or `too_large`, with the path of the first member at fault. Never throws, never echoes a value. */
export type Check<Frame> = (value: unknown) => Outcome<Frame>;

function checkOf<Schema extends TSchema>(schema: Schema): Check<Wire<Schema>> {
  const compiled = Compile(schema);
  return (value) => {
    if (compiled.Check(value)) return accepted(value as Wire<Schema>);
    const fault = firstFault(schema, value);
    return refused(fault?.reason ?? "malformed", fault?.path === "" ? "frame" : fault?.path);
  };
}

/** A check for each frame that a client may send, by its type. */
export const clientChecks = {
  hello: checkOf(clientFrames.hello),
  resume: checkOf(clientFrames.resume),
  join: checkOf(clientFrames.join),
  leave: checkOf(clientFrames.leave),
  signal: checkOf(clientFrames.signal),
  broadcast: checkOf(clientFrames.broadcast),
  profile: checkOf(clientFrames.profile),
  data: checkOf(clientFrames.data),
  room: checkOf(clientFrames.room),
  moderate: checkOf(clientFrames.moderate),
  ice: checkOf(clientFrames.ice),
  report: checkOf(clientFrames.report),
  ping: checkOf(clientFrames.ping),
  bye: checkOf(clientFrames.bye),
} as const satisfies { readonly [Type in ClientFrameType]: Check<ClientFrameOf<Type>> };

/** A check for each frame that a server may send, by its type. */
export const serverChecks = {
  welcome: checkOf(serverFrames.welcome),
  resumed: checkOf(serverFrames.resumed),
  ack: checkOf(serverFrames.ack),
  refused: checkOf(serverFrames.refused),
  joined: checkOf(serverFrames.joined),
  member: checkOf(serverFrames.member),
  signal: checkOf(serverFrames.signal),
  broadcast: checkOf(serverFrames.broadcast),
  data: checkOf(serverFrames.data),
  room: checkOf(serverFrames.room),
  moderated: checkOf(serverFrames.moderated),
  gap: checkOf(serverFrames.gap),
  ice: checkOf(serverFrames.ice),
  degraded: checkOf(serverFrames.degraded),
  goaway: checkOf(serverFrames.goaway),
  pong: checkOf(serverFrames.pong),
} as const satisfies { readonly [Type in ServerFrameType]: Check<ServerFrameOf<Type>> };

/** Besides `malformed` and `too_large`: `unknown_type`. */
export function checkClientFrame(value: unknown): Outcome<ClientFrame> {
  const type = typeOf(value);
  if (type === undefined) return refused("malformed", "type");
  return isOneOf(clientChecks, type) ? clientChecks[type](value) : refused("unknown_type", "type");
}

/** For clients, tests and the conformance kit; a client that meets `unknown_type` ignores the frame. */
export function checkServerFrame(value: unknown): Outcome<ServerFrame> {
  const type = typeOf(value);
  if (type === undefined) return refused("malformed", "type");
  return isOneOf(serverChecks, type) ? serverChecks[type](value) : refused("unknown_type", "type");
}

function typeOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !("type" in value)) return undefined;
  return typeof value.type === "string" ? value.type : undefined;
}

function isOneOf<Table extends object>(table: Table, type: string): type is keyof Table & string {
  return Object.hasOwn(table, type);
}
