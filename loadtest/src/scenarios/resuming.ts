// Thousands of sessions whose node was killed, all of them back at another node at once: when is the last one whole again?
import type WebSocket from "ws";
import type { Ground } from "../ground.ts";
import { passed } from "../passed.ts";
import { dial } from "../peer.ts";

export interface ResumingOptions {
  /** Sessions on the node that is killed. */
  readonly sessions: number;
  /** Milliseconds between the positions that the sessions know and the kill; others speak meanwhile. */
  readonly age: number;
  /** Resumes under way at once. */
  readonly atOnce: number;
  /** What others say while the positions grow old. */
  readonly meanwhile: () => Promise<unknown>;
}

export interface ResumingResult {
  /** Whole rooms: a few more than were asked for. */
  readonly sessions: number;
  /** Milliseconds from the kill. */
  readonly half: number;
  readonly all: number;
  /** The last one into a room that the living node hosted, and into one that nobody hosted any more. */
  readonly hosted: number;
  readonly orphaned: number;
  readonly complete: number;
  readonly gaps: number;
  /** Anything else: refused, expired, closed. */
  readonly others: number;
  /** Entries that were told again to sessions that had missed them, and how many should have been. */
  readonly told: number;
  readonly due: number;
  /** Seconds of CPU of the surviving edge from the kill to the last resume. */
  readonly cpu: number;
}

interface Held {
  /** A member of its room is on the node that lives. */
  readonly shared: boolean;
  readonly room: string;
  readonly token: string;
  readonly position: string;
}

interface Frame {
  readonly type: string;
  readonly token?: string;
  readonly position?: string;
  readonly verdict?: string;
  readonly retry?: boolean;
  readonly reason?: string;
}

/** Milliseconds that a resume may take before it counts as none. */
const patience = 60_000;

/**
 * Rooms of four. In every other room one member is on the node that lives, so it hosts these rooms; of the rest all hosts
 * die at once. In each room one message is said right after the positions were taken, which everyone must be told.
 */
export async function resuming(ground: Ground, name: string, options: ResumingOptions): Promise<ResumingResult> {
  const [dying = 0, living = 0] = ground.ports;
  const held: Held[] = [];
  const sockets: WebSocket[] = [];
  const survivors: WebSocket[] = [];
  const speakers: (() => void)[] = [];
  let room = 0;
  while (held.length < options.sessions) {
    const wave: Promise<void>[] = [];
    for (let i = 0; i < 10 && held.length + wave.length < options.sessions; i += 1) {
      const key = `${name}${room}`;
      const shared = room % 2 === 1;
      room += 1;
      wave.push(
        (async () => {
          // In turn: every member's position must be behind all joins, or the joins would be told again too.
          const ports = [dying, dying, dying, shared ? living : dying];
          const members: Member[] = [];
          for (const port of ports) members.push(await enter(port, key));
          const last = members.at(-1)?.position ?? "";
          for (const [i, { socket, token }] of members.entries()) {
            if (ports[i] === dying) {
              held.push({ shared, room: key, token, position: last });
              sockets.push(socket);
            } else survivors.push(socket);
          }
          speakers.push(() => {
            members
              .at(-1)
              ?.socket.send(
                `{"type":"broadcast","n":1,"room":"${key}","body":{"kind":"custom","value":"${"x".repeat(270)}"}}`,
              );
          });
        })(),
      );
    }
    await Promise.all(wave);
  }
  for (const say of speakers) say();
  await Promise.all([passed(options.age), options.meanwhile()]);
  const killed = performance.now();
  await ground.edges[0]?.kill();
  // The dead process counts in neither reading.
  const alive = await ground.used();
  const times: number[] = [];
  let [hosted, orphaned] = [0, 0];
  const verdicts = new Map<string, number>();
  let told = 0;
  const waiting = [...held];
  await Promise.all(
    Array.from({ length: options.atOnce }, async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const { verdict, heard, socket } = await resume(living, next);
        told += heard;
        verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
        const time = performance.now() - killed;
        times.push(time);
        if (next.shared) hosted = Math.max(hosted, time);
        else orphaned = Math.max(orphaned, time);
        survivors.push(socket);
      }
    }),
  );
  const after = await ground.used();
  for (const socket of [...sockets, ...survivors]) socket.terminate();
  times.sort((a, b) => a - b);
  const complete = verdicts.get("complete") ?? 0;
  const gaps = verdicts.get("gap") ?? 0;
  // The speaker of a room whose members all died is told its answer instead of what it said.
  const alone = Math.ceil(room / 2);
  return {
    sessions: held.length,
    half: times[Math.floor(times.length / 2)] ?? Number.NaN,
    all: times.at(-1) ?? Number.NaN,
    hosted,
    orphaned,
    complete,
    gaps,
    others: held.length - complete - gaps,
    told,
    due: held.length - alone,
    cpu: (after.edges - alive.edges) / 1_000_000,
  };
}

interface Member {
  readonly socket: WebSocket;
  readonly token: string;
  readonly position: string;
}

async function enter(port: number, room: string): Promise<Member> {
  const socket = dial(port, "/v1/socket");
  return new Promise((resolve, reject) => {
    let token = "";
    socket.on("error", reject);
    socket.on("open", () => {
      socket.send('{"type":"hello","attempt":1}');
      socket.send(`{"type":"join","n":1,"room":"${room}"}`);
    });
    const read = (data: WebSocket.RawData): void => {
      const frame: Frame = JSON.parse(String(data));
      if (frame.type === "welcome") token = frame.token ?? "";
      else if (frame.type === "refused") reject(new Error(String(data)));
      else if (frame.type === "joined") {
        socket.off("message", read);
        // Its end is meant.
        socket.off("error", reject);
        socket.on("error", () => undefined);
        resolve({ socket, token, position: frame.position ?? "" });
      }
    };
    socket.on("message", read);
  });
}

interface Resumed {
  readonly socket: WebSocket;
  readonly verdict: string;
  /** Broadcasts that came before the verdict. */
  readonly heard: number;
}

/** Like the SDK, it tries again where it is asked to. */
async function resume(port: number, { room, token, position }: Held): Promise<Resumed> {
  const began = performance.now();
  for (let attempt = 2; ; attempt += 1) {
    const resumed = await attemptTo(port, attempt, room, token, position);
    if (resumed.verdict !== "retry" || performance.now() - began > patience) return resumed;
    await passed(100);
  }
}

function attemptTo(port: number, attempt: number, room: string, token: string, position: string): Promise<Resumed> {
  return new Promise((resolve) => {
    const socket = dial(port, "/v1/socket");
    let heard = 0;
    const over = (verdict: string): void => {
      clearTimeout(timer);
      resolve({ socket, verdict, heard });
    };
    const timer = setTimeout(() => over("silent"), patience);
    socket.on("error", () => over("retry"));
    socket.on("close", () => over("retry"));
    socket.on("open", () => {
      const rooms = `[{"room":"${room}","position":"${position}"}]`;
      socket.send(`{"type":"resume","attempt":${attempt},"token":"${token}","rooms":${rooms}}`);
    });
    socket.on("message", (data) => {
      const frame: Frame = JSON.parse(String(data));
      if (frame.type === "broadcast") heard += 1;
      else if (frame.type === "resumed") over(frame.verdict ?? "");
      else if (frame.type === "refused") over(frame.retry === true ? "retry" : `refused: ${frame.reason}`);
    });
  });
}
