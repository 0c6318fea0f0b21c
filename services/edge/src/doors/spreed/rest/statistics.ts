// GET /stats: the numbers of the whole cluster, and the memory of the process that was asked.
import type { HttpResponse } from "../../../socket/http.ts";
import { json } from "./answers.ts";

export interface SpreedNumbers {
  /** Those that stand empty for a while included. */
  readonly rooms: number;
  readonly sessions: number;
  /** With a session at least. */
  readonly users: number;
  /** Connections accepted since the start. */
  readonly count: number;
  /** Told to a room by one of its members, such without text included. */
  readonly roomChats: number;
  /** To one session, such with a status left out. */
  readonly privateChats: number;
}

export interface Statistics {
  /** Never rejects. */
  numbers(): SpreedNumbers | Promise<SpreedNumbers>;
}

/**
 * `details` of the original are left out: they list the Ids of all sessions, and whoever knows an Id may send to it. Any page
 * may read these numbers.
 */
export async function statistics(source: Statistics, memory: NodeJS.MemoryUsage): Promise<HttpResponse> {
  const { rooms, sessions, users, count, roomChats, privateChats } = await source.numbers();
  const hub = {
    rooms,
    connections: sessions,
    sessions,
    users,
    count,
    broadcastchatmessages: roomChats,
    unicastchatmessages: privateChats,
  };
  return json(200, { runtime: runtime(memory), hub }, { "access-control-allow-origin": "*" });
}

/** In the words of another run-time: what ours has no equal of is 0. Bytes, as there. */
function runtime({ heapUsed, heapTotal }: NodeJS.MemoryUsage): Readonly<Record<string, number>> {
  return { goroutines: 0, alloc: heapUsed, mallocs: 0, frees: 0, pauses: 0, heap: heapTotal, stack: 0 };
}
