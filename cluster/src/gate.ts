// A TCP relay in front of one server, at which a link can be cut, silenced and mended as the network would do it.
import { connect, createServer, type Server, type Socket } from "node:net";

type GateState = "open" | "cut" | "silent";

export class Gate {
  readonly port: number;
  readonly #server: Server;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #sockets = new Set<Socket>();
  #state: GateState = "open";

  private constructor(server: Server, port: number, target: { readonly host: string; readonly port: number }) {
    this.#server = server;
    this.port = port;
    this.#target = target;
    server.on("connection", (near) => this.#relay(near));
  }

  /** Listens on a free port of the loopback and passes everything on to the server. */
  static before(host: string, port: number): Promise<Gate> {
    const server = createServer({ pauseOnConnect: true });
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", () => {
        const address = server.address();
        if (address === null || typeof address === "string") throw new Error("a listener on an address has a port");
        resolve(new Gate(server, address.port, { host, port }));
      });
    });
  }

  /** How many connections pass or hang here now. */
  get connections(): number {
    return this.#sockets.size / 2;
  }

  /** Resets what is connected, and whatever connects from now on. */
  cut(): void {
    this.#state = "cut";
    this.#reset();
  }

  /** Everything stays connected and nothing passes, in either direction; who connects now is accepted and hears nothing. */
  blackhole(): void {
    this.#state = "silent";
    for (const socket of this.#sockets) socket.pause();
  }

  /** Passes everything again: what was held back by `blackhole` too, late. */
  mend(): void {
    this.#state = "open";
    for (const socket of this.#sockets) socket.resume();
  }

  async close(): Promise<void> {
    this.#state = "cut";
    this.#reset();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.#sockets.clear();
  }

  #relay(near: Socket): void {
    if (this.#state === "cut") {
      near.on("error", () => undefined);
      near.resetAndDestroy();
      return;
    }
    const far = connect(this.#target);
    far.pause();
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.setNoDelay(true);
      // The other side hears of the end, and an error is an end.
      from.on("error", () => undefined);
      from.on("data", (chunk) => {
        if (to.write(chunk)) return;
        from.pause();
        to.once("drain", () => {
          if (this.#state === "open") from.resume();
        });
      });
      from.once("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      if (this.#state === "open") from.resume();
    }
  }
}
