// Many sessions of Spreed WebRTC in one global room: all come in at once, and all say their status at once.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import WebSocket from "ws";
import { Ground } from "../ground.ts";

export interface StormOptions {
  readonly sessions: number;
  readonly edges: number;
}

export interface Phase {
  /** Milliseconds from the first frame that was sent until the last that was awaited came. */
  readonly took: number;
  readonly frames: number;
  readonly bytes: number;
  /** The longest time that a loop was away, of all edges, in milliseconds; and how much of the longest it worked. */
  readonly blocked: number;
  readonly blockedCpu: number;
  /** The longest that a loop worked at a stretch, as CPU time tells it. */
  readonly worked: number;
  /** Of the most that a loop was away at each edge. */
  readonly each: readonly number[];
  /** Frames that were still missing when nothing came any more. */
  readonly missing: number;
  /** Sockets that were closed meanwhile. */
  readonly closed: number;
}

export interface StormResult {
  readonly connecting: Phase;
  readonly joins: Phase;
  readonly statuses: Phase;
  /** Resident bytes of the edges together, at the end. */
  readonly rss: number;
}

/** Milliseconds after which a phase ends, whatever is missing; and without any frame. */
const longest = 180_000;
const silence = 10_000;

export async function spreedStorm({ sessions, edges: count }: StormOptions): Promise<StormResult> {
  const folder = mkdtempSync(join(tmpdir(), "heliograph-loops-"));
  process.env["BENCH_LOOPS"] = folder;
  const entry = fileURLToPath(new URL("../servers/watched-edge.js", import.meta.url));
  const settings = { spreed: { globalRoom: "hall" }, internal: { listen: { port: 0 } }, turn: { stun: [] } };
  const ground = await Ground.start({ edges: count, settings, entry });
  const crowd = new Crowd(ground.ports, sessions);
  const loops = ground.edges.map(({ pid }) => `http://127.0.0.1:${readFileSync(`${folder}/${pid}`, "utf8")}/`);
  try {
    await Promise.all(loops.map(lookAt));
    const connecting = await crowd.phase(loops, sessions, () => crowd.connect());
    // Each hears who comes after it, and its own Welcome.
    const joins = await crowd.phase(loops, (sessions * (sessions - 1)) / 2 + sessions, () => crowd.say(hello));
    const statuses = await crowd.phase(loops, sessions * (sessions - 1), () => crowd.say(status));
    const { rss } = await ground.used();
    return { connecting, joins, statuses, rss };
  } finally {
    crowd.end();
    await ground.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

function hello(): string {
  return '{"Type":"Hello","Hello":{"Version":"1","Ua":"Bench","Name":"hall","Type":""}}';
}

function status(number: number): string {
  return `{"Type":"Status","Status":{"Type":"Status","Status":{"displayName":"Somebody ${number}","message":null}}}`;
}

interface Loop {
  readonly gap: number;
  readonly gapCpu: number;
  readonly cpu: number;
}

async function lookAt(address: string): Promise<Loop> {
  return (await (await fetch(address)).json()) as Loop;
}

class Crowd {
  readonly #ports: readonly number[];
  readonly #size: number;
  readonly #sockets: WebSocket[] = [];
  #frames = 0;
  #bytes = 0;
  #closed = 0;
  #heard = 0;

  constructor(ports: readonly number[], size: number) {
    this.#ports = ports;
    this.#size = size;
  }

  connect(): void {
    for (let i = 0; i < this.#size; i += 1) {
      const port = this.#ports[i % this.#ports.length];
      const socket = new WebSocket(`ws://127.0.0.1:${port}/spreed/ws`, { perMessageDeflate: false });
      socket.on("message", (data: Buffer) => {
        this.#frames += 1;
        this.#bytes += data.length;
        this.#heard = performance.now();
      });
      socket.on("close", () => {
        this.#closed += 1;
      });
      socket.on("error", () => undefined);
      this.#sockets.push(socket);
    }
  }

  say(frame: (number: number) => string): void {
    for (const [number, socket] of this.#sockets.entries()) {
      if (socket.readyState === WebSocket.OPEN) socket.send(frame(number));
    }
  }

  async phase(loops: readonly string[], awaited: number, begin: () => void): Promise<Phase> {
    const [frames, bytes, closed, began] = [this.#frames, this.#bytes, this.#closed, performance.now()];
    this.#heard = began;
    begin();
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const now = performance.now();
      if (this.#frames - frames >= awaited || now - this.#heard > silence || now - began > longest) break;
    }
    const took = this.#heard - began;
    const looks = await Promise.all(loops.map(lookAt));
    const worst = looks.toSorted((a, b) => b.gap - a.gap)[0];
    return {
      took,
      frames: this.#frames - frames,
      bytes: this.#bytes - bytes,
      blocked: worst?.gap ?? 0,
      blockedCpu: worst?.gapCpu ?? 0,
      worked: Math.max(...looks.map(({ cpu }) => cpu)),
      each: looks.map(({ gap }) => gap),
      missing: Math.max(0, awaited - (this.#frames - frames)),
      closed: this.#closed - closed,
    };
  }

  end(): void {
    for (const socket of this.#sockets) socket.terminate();
  }
}
