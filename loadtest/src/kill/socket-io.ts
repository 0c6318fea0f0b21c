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
    return new SocketIoStage(servers);
  }

  async enter(name: string, room: string, server: number, hear: (text: string) => void): Promise<Talker> {
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
    return {
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
  }

  async kill(server: number): Promise<void> {
    await this.#servers[server]?.child.end("SIGKILL");
  }

  async end(): Promise<void> {
    for (const { child } of this.#servers) await child.end("SIGKILL");
  }
}
