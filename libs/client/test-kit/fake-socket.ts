// Sockets between a client and the fake cluster: in order, one virtual millisecond away, and cut where a test wants it.
import type { ClientFrame, ServerFrame } from "@heliograph/protocol/schema";
import { json } from "../src/client-codec.ts";
import type { Clock, SocketConstructor, SocketEvent, SocketLike } from "../src/surroundings.ts";

export interface ServerEnd {
  readonly url: string;
  readonly open: boolean;
  send(frame: ServerFrame): void;
  close(code: number): void;
  /** The cable is pulled: the client hears 1006, the server that it is gone. */
  cut(): void;
  /** The cable is pulled and nobody notices. */
  silence(): void;
}

export interface Acceptor {
  accepted(end: ServerEnd): void;
  received(end: ServerEnd, frame: ClientFrame): void;
  closed(end: ServerEnd): void;
}

/** Asked before every frame of either direction; `cut` ends the connection instead of delivering it, `drop` loses it. */
export type Tap = (
  direction: "up" | "down",
  frame: ClientFrame | ServerFrame,
  end: ServerEnd,
) => "pass" | "cut" | "drop";

export class FakeNetwork {
  readonly clock: Clock;
  readonly ends: ServerEnd[] = [];
  tap: Tap = () => "pass";
  /** No connection can be opened. */
  down = false;
  latency = 1;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  socket(acceptor: Acceptor): SocketConstructor {
    const network = this;
    return class extends FakeSocket {
      constructor(url: string, protocols: string[]) {
        super(network, acceptor, url, protocols);
      }
    };
  }
}

class FakeSocket implements SocketLike, ServerEnd {
  binaryType = "blob";
  readonly url: string;
  readonly #network: FakeNetwork;
  readonly #acceptor: Acceptor;
  readonly #codec = json().codec;
  readonly #listeners = new Map<string, ((event: SocketEvent) => void)[]>();
  #open = false;
  #over = false;
  #silent = false;

  constructor(network: FakeNetwork, acceptor: Acceptor, url: string, protocols: string[]) {
    if (!url.startsWith("ws")) throw new SyntaxError("not an address");
    if (protocols[0] !== "heliograph.v1.json") throw new Error("the fake speaks JSON only");
    this.url = url;
    this.#network = network;
    this.#acceptor = acceptor;
    network.clock.after(network.latency, () => {
      if (network.down) return this.cut();
      if (this.#over) return;
      this.#open = true;
      network.ends.push(this);
      acceptor.accepted(this);
      this.#tell({ type: "open" });
    });
  }

  get open(): boolean {
    return this.#open && !this.#over;
  }

  addEventListener(type: string, listener: (event: SocketEvent) => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  // Two things are called `send` and `close`, one per end; they are told apart by what is sent and by who listens.
  send(data: string | Uint8Array<ArrayBuffer> | ServerFrame): void {
    if (typeof data === "object" && "type" in data) this.#down(data);
    else if (typeof data === "string") this.#up(data);
  }

  close(code?: number): void {
    this.#later(() => this.#end(code ?? 1005));
  }

  cut(): void {
    this.#end(1006);
  }

  silence(): void {
    this.#silent = true;
  }

  #up(text: string): void {
    const decoded = this.#codec.decode(new TextEncoder().encode(text));
    if (!decoded.ok) throw new Error("the client sent what cannot be read");
    const frame = decoded.value as ClientFrame;
    this.#later(() => {
      if (this.#silent || this.#over) return;
      const fate = this.#network.tap("up", frame, this);
      if (fate === "cut") this.cut();
      else if (fate === "pass") this.#acceptor.received(this, frame);
    });
  }

  #down(frame: ServerFrame): void {
    const text = new TextDecoder().decode(this.#codec.encode(frame));
    this.#later(() => {
      if (this.#silent || this.#over) return;
      const fate = this.#network.tap("down", frame, this);
      if (fate === "cut") this.cut();
      else if (fate === "pass" && !this.#silent) this.#tell({ type: "message", data: text });
    });
  }

  #later(call: () => void): void {
    this.#network.clock.after(this.#network.latency, call);
  }

  #end(code: number): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#open && !this.#silent) this.#acceptor.closed(this);
    if (!this.#silent) this.#tell({ type: "close", code, reason: "" });
  }

  #tell(event: SocketEvent): void {
    for (const listener of this.#listeners.get(event.type) ?? []) listener(event);
  }
}
