// A TCP relay that a test can cut, stall and close, one connection at a time or all at once.
import type { AddressInfo, Server, Socket } from "node:net";
import { connect, createServer } from "node:net";

/** One connection through the wire, with both of its ends. */
export class Strand {
  readonly id: number;
  readonly #near: Socket;
  readonly #far: Socket;
  #head = "";
  #whole = true;

  constructor(id: number, near: Socket, far: Socket) {
    this.id = id;
    this.#near = near;
    this.#far = far;
    // The head of the request tells sockets from the page's files.
    near.on("data", (bytes) => {
      if (this.#head.length < 2_048) this.#head += bytes.toString("latin1");
    });
    near.pipe(far);
    far.pipe(near);
  }

  get isWebSocket(): boolean {
    return /^upgrade: websocket/im.test(this.#head);
  }

  /** False from the moment it was cut. */
  get whole(): boolean {
    return this.#whole;
  }

  /** Both ends see a reset, as when a middlebox forgets a connection. Bytes under way are lost. */
  cut(): void {
    this.#whole = false;
    this.#near.resetAndDestroy();
    this.#far.resetAndDestroy();
  }

  /** Neither end hears anything any more, and neither is told: a half-open link. */
  stall(): void {
    this.#near.unpipe(this.#far);
    this.#far.unpipe(this.#near);
    this.#near.pause();
    this.#far.pause();
  }

  /** What is sent to the near end stays on the wire: it reads too slowly. */
  stallDownwards(): void {
    this.#far.unpipe(this.#near);
    this.#far.pause();
  }

  /** What waited goes on. */
  mend(): void {
    this.#near.pipe(this.#far);
    this.#far.pipe(this.#near);
  }
}

export class Wire {
  readonly #server: Server;
  readonly #strands = new Map<number, Strand>();
  #farPort: number;
  #count = 0;
  #open = true;

  private constructor(server: Server, farPort: number) {
    this.#server = server;
    this.#farPort = farPort;
  }

  /** A wire from a free port of this machine to the one named. */
  static async to(farPort: number): Promise<Wire> {
    const server = createServer({ noDelay: true });
    const wire = new Wire(server, farPort);
    server.on("connection", (near) => wire.#connected(near));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return wire;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Open connections in the order in which they came. */
  get strands(): readonly Strand[] {
    return [...this.#strands.values()].filter(({ whole }) => whole);
  }

  get sockets(): readonly Strand[] {
    return this.strands.filter((strand) => strand.isWebSocket);
  }

  /** How many connections were ever made. */
  get made(): number {
    return this.#count;
  }

  /** New connections go there from now on. */
  leadTo(farPort: number): void {
    this.#farPort = farPort;
  }

  cutAll(): void {
    for (const strand of this.strands) strand.cut();
  }

  /** Closed, every new connection is reset at once. */
  set open(open: boolean) {
    this.#open = open;
  }

  async end(): Promise<void> {
    this.cutAll();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #connected(near: Socket): void {
    // The end of a connection is told by its close; an error before it is what the test wanted.
    near.on("error", () => undefined);
    if (!this.#open) {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ port: this.#farPort, host: "127.0.0.1", noDelay: true });
    far.on("error", () => near.destroy());
    this.#count += 1;
    const strand = new Strand(this.#count, near, far);
    this.#strands.set(strand.id, strand);
    near.on("close", () => {
      this.#strands.delete(strand.id);
      far.destroy();
    });
    far.on("close", () => near.destroy());
  }
}
