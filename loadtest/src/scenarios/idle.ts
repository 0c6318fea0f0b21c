// Idle sessions: resident bytes of the server for each one that is joined to a room of 4 and says nothing.
import { MeasuredServer } from "../measured-server.ts";
import { passed } from "../passed.ts";
import { Peer } from "../peer.ts";

export interface IdleOptions {
  readonly sessions: number;
  readonly roomSize: number;
}

/** Bytes per session, after garbage was collected, with the process before its first client subtracted. */
export async function idle(options: IdleOptions): Promise<number> {
  const server = await MeasuredServer.start("heliograph");
  // One room comes and goes first, so that what is loaded once is not counted.
  for (const peer of await fill(server.port, "warm", 4, 4)) peer.close();
  await passed(500);
  const before = await server.settledUsage();
  const peers = await fill(server.port, "idle", options.sessions, options.roomSize);
  // Copies are written within a second of the last join, and answers have left.
  await passed(3_000);
  const after = await server.settledUsage();
  for (const peer of peers) peer.close();
  await server.end();
  return (after.rss - before.rss) / options.sessions;
}

async function fill(port: number, name: string, sessions: number, roomSize: number): Promise<Peer[]> {
  const peers: Peer[] = [];
  const atOnce = 50;
  for (let i = 0; i < sessions; i += atOnce) {
    const wave = Array.from({ length: Math.min(atOnce, sessions - i) }, (_, j) =>
      Peer.open("heliograph", port, `${name}${Math.floor((i + j) / roomSize)}`, i + j),
    );
    peers.push(...(await Promise.all(wave)));
  }
  return peers;
}
