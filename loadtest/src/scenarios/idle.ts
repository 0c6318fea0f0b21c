// Idle sessions: resident bytes for each one that is joined to a room of 4 and says nothing; and for a bare socket.

import { passed } from "../passed.ts";
import { Peer } from "../peer.ts";
import { type Kind, startTarget } from "../target.ts";

export interface IdleOptions {
  readonly sessions: number;
  readonly roomSize: number;
}

/** Bytes per session, after garbage was collected, with the process before its first client subtracted. */
export async function idle(kind: Kind, options: IdleOptions): Promise<number> {
  const server = await startTarget(kind);
  const [port = 0] = server.ports;
  await warm(kind, port);
  const before = await server.settled();
  const peers = await fill(kind, port, "idle", options.sessions, options.roomSize);
  // Answers have left within milliseconds, copies are written within a second, and digests were compared for 15 s.
  await passed(20_000);
  const after = await server.settled();
  for (const peer of peers) peer.close();
  await server.end();
  return (after.rss - before.rss) / options.sessions;
}

/**
 * Two peers whisper to each other first: volatile messages leave nothing behind, but make the process load its code
 * and the garbage collector touch its nursery (32 MB), which are there once and not per session.
 */
async function warm(kind: Kind, port: number): Promise<void> {
  const [one, other] = await fill(kind, port, "warm", 2, 2);
  if (one === undefined || other === undefined) throw new Error("two peers were asked for");
  const whisper =
    kind === "relay"
      ? "{}"
      : '{"type":"broadcast","room":"warm0","durable":false,"body":{"kind":"custom","value":"x"}}';
  let heard = 0;
  other.socket.on("message", () => {
    heard += 1;
    one.socket.send(whisper);
  });
  for (let i = 0; i < 32; i += 1) one.socket.send(whisper);
  await passed(4_000);
  if (heard === 0) throw new Error("the warm-up was not heard");
  one.close();
  other.close();
  await passed(500);
}

async function fill(kind: Kind, port: number, name: string, sessions: number, roomSize: number): Promise<Peer[]> {
  const peers: Peer[] = [];
  const atOnce = 50;
  for (let i = 0; i < sessions; i += atOnce) {
    const wave = Array.from({ length: Math.min(atOnce, sessions - i) }, (_, j) =>
      Peer.open(kind, port, `${name}${Math.floor((i + j) / roomSize)}`, i + j),
    );
    peers.push(...(await Promise.all(wave)));
  }
  return peers;
}
