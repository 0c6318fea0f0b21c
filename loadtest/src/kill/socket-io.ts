// Two Socket.IO servers over one Redis, and clients that turn to the other server when theirs dies.
import { fileURLToPath } from "node:url";
import { Child } from "@heliograph/cluster";
import { io, type Socket } from "socket.io-client";
import { passed } from "../passed.ts";
import type { ToClient, ToServer } from "../servers/socket-io.ts";
import type { Stage, Talker } from "./talker.ts";

interface SocketIoServer {
  readonly child: Child;
  readonly url: string;
}

interface Opened {
  readonly socket: Socket<ToClient, ToServer>;
  readonly talker: Talker;
}

export class SocketIoStage implements Stage {
  readonly #servers: readonly SocketIoServer[];

  private constructor(servers: readonly SocketIoServer[]) {
    this.#servers = servers;
  }

  /** @param redisPort of a Redis that nobody else uses */
  static async start(redisPort: number): Promise<SocketIoStage> {
    const program = fileURLToPath(new URL("../servers/socket-io.js", import.meta.url));
    const servers = await Promise.all(
      [0, 1].map(async () => {
        const child = new Child({ program: process.execPath, args: [program, String(redisPort)] });
        const [, port] = await child.said(/listening on (\d+)/);
        return { child, url: `ws://127.0.0.1:${port}` };
      }),
    );
    // The adapter subscribes and begins to read its stream by itself, and says nowhere when it has.
    await passed(1_000);
    const stage = new SocketIoStage(servers);
    await stage.#rehearse();
    return stage;
  }

  /** Recovery must work at all, or what a kill does to it would say nothing: a connection is cut while its server lives. */
  async #rehearse(): Promise<void> {
    const heard = new Set<string>();
    const one = await this.#open("one", "rehearsal", 0, (text) => heard.add(text));
    const other = await this.#open("other", "rehearsal", 1, () => undefined);
    // Who has heard nothing yet has no place to go on from.
    await other.talker.say("before", undefined);
    await until("a first word is heard", () => heard.has("before"));
    one.socket.io.engine.close();
    await other.talker.say("meanwhile", undefined);
    await until("a cut connection is back", () => one.talker.returns.length > 0);
    await until("what was missed is heard", () => heard.has("meanwhile"));
    if (one.talker.returns[0] !== "recovered")
      throw new Error("a cut connection was not recovered: is it set up right?");
    for (const { talker } of [one, other]) talker.close();
  }

  async enter(name: string, room: string, server: number, hear: (text: string) => void): Promise<Talker> {
    return (await this.#open(name, room, server, hear)).talker;
  }

  async #open(name: string, room: string, server: number, hear: (text: string) => void): Promise<Opened> {
    const urls = this.#servers.map(({ url }) => url);
    const socket: Socket<ToClient, ToServer> = io(urls[server] ?? "", {
      auth: { name, room },
      transports: ["websocket"],
      forceNew: true,
    });
    socket.on("said", hear);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("connect_error", reject);
    });
    const returns: ("recovered" | "lost")[] = [];
    socket.on("connect", () => returns.push(socket.recovered ? "recovered" : "lost"));
    // The best that a balancer could do for it: the first attempt already goes to a server that lives.
    let at = server;
    socket.io.on("reconnect_attempt", () => {
      at = (at + 1) % urls.length;
      Object.assign(socket.io, { uri: urls[at] });
    });
    const talker: Talker = {
      name,
      room,
      server,
      returns,
      say: (text, to) =>
        new Promise((resolve) => {
          socket.timeout(30_000).emit("say", to ?? "", text, (error: Error | null) => resolve(error === null));
        }),
      close: () => socket.disconnect(),
    };
    return { socket, talker };
  }

  async kill(server: number): Promise<void> {
    await this.#servers[server]?.child.end("SIGKILL");
  }

  async end(): Promise<void> {
    for (const { child } of this.#servers) await child.end("SIGKILL");
  }
}

async function until(what: string, look: () => boolean): Promise<void> {
  for (let round = 0; !look(); round += 1) {
    if (round === 500) throw new Error(`waited in vain until ${what}`);
    await passed(20);
  }
}
