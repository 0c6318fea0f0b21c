// Durable unicast: 100 clients in rooms of 4, 300 bytes a message, so many unanswered ones each as the window says.
import { type Kind, MeasuredServer } from "../measured-server.ts";
import { passed } from "../passed.ts";
import { numberLength, Peer } from "../peer.ts";

export interface UnicastOptions {
  readonly clients: number;
  readonly roomSize: number;
  readonly window: number;
  readonly bytes: number;
  readonly warmUp: number;
  readonly measured: number;
}

export interface UnicastResult {
  readonly perSecond: number;
  /** Microseconds of the server's CPU per delivered message. */
  readonly cpuPerMessage: number;
}

/** A client sends its next message when an earlier one has reached its addressee: alike for every server. */
export async function unicast(kind: Kind, options: UnicastOptions): Promise<UnicastResult> {
  const server = await MeasuredServer.start(kind);
  const peers: Peer[] = [];
  const rooms: string[] = [];
  for (let i = 0; i < options.clients; i += 1) {
    const room = `room${Math.floor(i / options.roomSize)}`;
    rooms.push(room);
    peers.push(await Peer.open(kind, server.port, room, i));
  }
  let delivered = 0;
  let going = true;
  const text = (i: number): string => String(i).padStart(numberLength, "0").padEnd(options.bytes, "x");
  const texts = peers.map((_, i) => text(i));
  const turn = peers.map(() => 0);
  const send = (i: number): void => {
    const base = i - (i % options.roomSize);
    const offset = (turn[i] ?? 0) % (options.roomSize - 1);
    turn[i] = offset + 1;
    const target = base + ((i - base + 1 + offset) % options.roomSize);
    const to = peers[target];
    if (to !== undefined) peers[i]?.signal(rooms[i] ?? "", to.name, texts[i] ?? "");
  };
  for (const peer of peers) {
    peer.onBody(options.bytes, (from) => {
      delivered += 1;
      if (going) send(from);
    });
  }
  for (let w = 0; w < options.window; w += 1) for (let i = 0; i < peers.length; i += 1) send(i);
  await passed(options.warmUp);
  const [before, from, began] = [await server.usage(), delivered, performance.now()];
  await passed(options.measured);
  const [after, to, ended] = [await server.usage(), delivered, performance.now()];
  going = false;
  for (const peer of peers) peer.close();
  await server.end();
  if (to === from) throw new Error(`nothing was delivered by ${kind}`);
  return { perSecond: ((to - from) / (ended - began)) * 1_000, cpuPerMessage: (after.cpu - before.cpu) / (to - from) };
}
