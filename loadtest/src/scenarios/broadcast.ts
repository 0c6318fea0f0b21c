// Broadcast to 1,000 members of one room on one node, one message a tick, against uWebSockets.js' own publish.

import { passed } from "../passed.ts";
import { numbered, Peer } from "../peer.ts";
import { type Kind, startTarget } from "../target.ts";

export interface BroadcastOptions {
  readonly members: number;
  /** Messages under way at once. */
  readonly window: number;
  readonly bytes: number;
  readonly warmUp: number;
  readonly measured: number;
}

export interface BroadcastResult {
  readonly perSecond: number;
  /** Microseconds of the server's CPU per member that heard a message. */
  readonly cpuPerDelivery: number;
}

/** The next message is said when the last has reached every member: so each tick of the server holds one window. */
export async function broadcast(kind: Kind, options: BroadcastOptions): Promise<BroadcastResult> {
  const server = await startTarget(kind);
  const [port = 0] = server.ports;
  const room = "hall";
  const speaker = await Peer.open(kind, port, room, 0);
  // Everyone seeing everyone come would cost a million frames before the measurement begins.
  if (kind !== "relay") speaker.command(`{"type":"room","n":#,"room":"${room}","set":{"presence":"none"}}`);
  const members: Peer[] = [];
  for (let i = 1; i <= options.members; i += 1) members.push(await Peer.open(kind, port, room, i));
  let delivered = 0;
  let pending = 0;
  let going = true;
  const text = numbered(0, options.bytes);
  const say = (): void => {
    pending = options.window * options.members;
    for (let i = 0; i < options.window; i += 1) speaker.broadcast(room, text);
  };
  for (const member of members) {
    member.onBody(options.bytes, () => {
      delivered += 1;
      pending -= 1;
      if (pending === 0 && going) say();
    });
  }
  say();
  await passed(options.warmUp);
  const [before, from, began] = [await server.used(), delivered, performance.now()];
  await passed(options.measured);
  const [after, to, ended] = [await server.used(), delivered, performance.now()];
  going = false;
  for (const peer of [speaker, ...members]) peer.close();
  await server.end();
  if (to === from) throw new Error(`nothing was delivered by ${kind}`);
  return {
    perSecond: ((to - from) / (ended - began)) * 1_000,
    cpuPerDelivery: (after.edges - before.edges) / (to - from),
  };
}
