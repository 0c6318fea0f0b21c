// Unicast between the members of rooms, 300 bytes a message: as fast as a window of unanswered ones allows, or paced.
import { passed } from "../passed.ts";
import { numbered, Peer } from "../peer.ts";
import { type Kind, startTarget, type Target, type Used } from "../target.ts";
import { pace } from "./pace.ts";

export interface UnicastOptions {
  readonly clients: number;
  readonly roomSize: number;
  /** Messages of each client under way at once; or messages per second of all clients together. */
  readonly load: { readonly window: number } | { readonly perSecond: number };
  readonly durable: boolean;
  /** Characters of each text: 270 make a frame of 300 bytes and some. */
  readonly bytes: number;
  /** Over how many of the target's nodes the members of a room are spread, neighbours of the room's number; 1 unless given. */
  readonly spread?: number;
  readonly warmUp: number;
  readonly measured: number;
}

/** Messages per second before the measurement of a lower rate. */
const warmRate = 8_000;
/** Milliseconds after which what was said at the warm rate is over. */
const settling = 500;

/** Called right when the measurement begins and ends. */
export interface Marks {
  readonly began: () => Promise<void>;
  readonly ended: () => Promise<void>;
}

/** Microseconds of CPU for each delivered message. */
export interface UnicastResult {
  readonly perSecond: number;
  readonly edges: number;
  readonly nats: number;
  readonly redis: number;
  readonly delivered: number;
}

export async function unicast(kind: Kind, options: UnicastOptions): Promise<UnicastResult> {
  const target = await startTarget(kind);
  try {
    return await unicastOn(target, options);
  } finally {
    await target.end();
  }
}

export async function unicastOn(target: Target, options: UnicastOptions, marks?: Marks): Promise<UnicastResult> {
  const peers: Peer[] = [];
  const rooms: string[] = [];
  for (let i = 0; i < options.clients; i += 1) {
    const number = Math.floor(i / options.roomSize);
    const room = `room${number}`;
    rooms.push(room);
    const node = (number + (i % (options.spread ?? 1))) % target.ports.length;
    peers.push(await Peer.open(target.kind, target.ports[node] ?? 0, room, i));
  }
  let delivered = 0;
  let going = true;
  const texts = peers.map((_, i) => numbered(i, options.bytes));
  const turn = peers.map(() => 0);
  const send = (i: number): void => {
    const base = i - (i % options.roomSize);
    const offset = (turn[i] ?? 0) % (options.roomSize - 1);
    turn[i] = offset + 1;
    const other = base + ((i - base + 1 + offset) % options.roomSize);
    const to = peers[other];
    if (to !== undefined) peers[i]?.signal(rooms[i] ?? "", to.name, texts[i] ?? "", options.durable);
  };
  const { load } = options;
  for (const peer of peers) {
    peer.onBody(options.bytes, (from) => {
      delivered += 1;
      // The next one when an earlier one has reached its addressee: alike for every server.
      if (going && "window" in load) send(from);
    });
  }
  if ("window" in load) {
    for (let w = 0; w < load.window; w += 1) for (let i = 0; i < peers.length; i += 1) send(i);
  }
  let next = 0;
  const sendNext = (): void => {
    send(next);
    // A stride that is coprime to the number of clients, so that neighbours are of different rooms.
    next = (next + 37) % peers.length;
  };
  // At a low rate it would take minutes until the compiler has seen enough.
  const warming = "perSecond" in load ? pace(Math.max(load.perSecond, warmRate), sendNext) : undefined;
  await passed(options.warmUp);
  warming?.();
  const pacing = "perSecond" in load ? pace(load.perSecond, sendNext) : undefined;
  if (pacing !== undefined) await passed(settling);
  await marks?.began();
  const [before, from, began] = [await target.used(), delivered, performance.now()];
  await passed(options.measured);
  const [after, to, ended] = [await target.used(), delivered, performance.now()];
  await marks?.ended();
  going = false;
  pacing?.();
  for (const peer of peers) peer.close();
  if (to === from) throw new Error(`nothing was delivered by ${target.kind}`);
  const each = (part: "edges" | "nats" | "redis"): number => spent(part, before, after) / (to - from);
  return {
    perSecond: ((to - from) / (ended - began)) * 1_000,
    edges: each("edges"),
    nats: each("nats"),
    redis: each("redis"),
    delivered: to - from,
  };
}

function spent(part: "edges" | "nats" | "redis", before: Used, after: Used): number {
  return after[part] - before[part];
}
