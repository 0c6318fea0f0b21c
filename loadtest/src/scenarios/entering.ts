// Coming and going: a socket, hello, join, leave, bye, as many side by side as keep the node busy.
import { passed } from "../passed.ts";
import { dial } from "../peer.ts";
import type { Target } from "../target.ts";

export interface EnteringOptions {
  /** Clients that are somewhere between their socket and their bye at once. */
  readonly atOnce: number;
  readonly roomSize: number;
  readonly leave: boolean;
  readonly warmUp: number;
  readonly measured: number;
}

export interface EnteringResult {
  /** Whole visits per second, and per second of the edges' own CPU. */
  readonly perSecond: number;
  readonly perCpuSecond: number;
  /** Microseconds of CPU for each visit. */
  readonly edges: number;
  readonly nats: number;
  readonly redis: number;
}

export async function entering(target: Target, options: EnteringOptions): Promise<EnteringResult> {
  let visits = 0;
  let going = true;
  let number = 0;
  const [port = 0] = target.ports;
  const visitors = Array.from({ length: options.atOnce }, async () => {
    while (going) {
      number += 1;
      await visit(port, `visit${Math.floor(number / options.roomSize)}`, options.leave);
      visits += 1;
    }
  });
  await passed(options.warmUp);
  const [before, from, began] = [await target.used(), visits, performance.now()];
  await passed(options.measured);
  const [after, to, ended] = [await target.used(), visits, performance.now()];
  going = false;
  await Promise.all(visitors);
  const count = to - from;
  if (count === 0) throw new Error(`nobody came in at ${target.kind}`);
  const edges = after.edges - before.edges;
  return {
    perSecond: (count / (ended - began)) * 1_000,
    perCpuSecond: (count / edges) * 1_000_000,
    edges: edges / count,
    nats: (after.nats - before.nats) / count,
    redis: (after.redis - before.redis) / count,
  };
}

function visit(port: number, room: string, leave: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = dial(port, "/v1/socket");
    socket.on("error", reject);
    socket.on("close", () => resolve());
    socket.on("open", () => {
      socket.send('{"type":"hello","attempt":1}');
      // Sent behind the hello at once, as the SDK may.
      socket.send(`{"type":"join","n":1,"room":"${room}"}`);
    });
    socket.on("message", (data: Buffer) => {
      const head = data.toString("latin1", 0, 24);
      if (head.startsWith('{"type":"refused"')) reject(new Error(data.toString("utf8")));
      else if (head.startsWith('{"type":"joined"')) {
        if (leave) socket.send(`{"type":"leave","n":1,"room":"${room}"}`);
        else socket.send('{"type":"bye"}');
      } else if (leave && head.startsWith('{"type":"ack"')) socket.send('{"type":"bye"}');
    });
  });
}
