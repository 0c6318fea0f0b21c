// One socket, from its opening to its end: greeting, deadlines, heartbeat, frames in and out.
import type { ClientFrame, RefusedFrame, ServerFrame, WelcomeFrame } from "@heliograph/protocol/schema";
import type { ClientCodec } from "./client-codec.ts";
import type { Clock, SocketConstructor, SocketEvent, SocketLike } from "./surroundings.ts";

/** From the first packet to `welcome`. */
const helloDeadline = 10_000;
const pongDeadline = 10_000;
/** After a hint that the network has changed, a dead link should be noticed sooner. */
const probeDeadline = 3_000;

export interface Ended {
  /** WebSocket close code; 1006 when the link was cut or has fallen silent. */
  readonly code: number;
  readonly why: string;
  /** Set when the server said why before it closed. */
  readonly refusal?: RefusedFrame;
  /** Set when no socket could be made at all: trying again would fail alike. */
  readonly fault?: unknown;
}

export interface ConnectionOwner {
  welcomed(connection: Connection, welcome: WelcomeFrame): void;
  received(connection: Connection, frame: ServerFrame): void;
  /** Called once, also for a connection that never opened; nothing is received after it. */
  ended(connection: Connection, ended: Ended): void;
  failed(error: unknown, where: string): void;
}

export interface ConnectionParts {
  readonly url: string;
  readonly attempt: number;
  readonly greeting: ClientFrame;
  readonly socket: SocketConstructor;
  readonly codec: ClientCodec;
  readonly clock: Clock;
}

export class Connection {
  readonly attempt: number;
  readonly greeting: ClientFrame;
  readonly #codec: ClientCodec;
  readonly #clock: Clock;
  readonly #owner: ConnectionOwner;
  #socket: SocketLike | undefined;
  #refusal: RefusedFrame | undefined;
  #welcomed = false;
  #over = false;
  #n = 0;
  #heartbeat = 0;
  #frameBytes = Number.POSITIVE_INFINITY;
  #stopTimer: () => void = () => undefined;
  #stopDeadline: (() => void) | undefined;

  constructor(parts: ConnectionParts, owner: ConnectionOwner) {
    this.attempt = parts.attempt;
    this.greeting = parts.greeting;
    this.#codec = parts.codec;
    this.#clock = parts.clock;
    this.#owner = owner;
    this.#stopTimer = parts.clock.after(helloDeadline, () => this.#lost("no welcome in time"));
    try {
      this.#open(new parts.socket(parts.url, [`heliograph.v1.${parts.codec.name}`]));
    } catch (fault) {
      // Only a wrong address, or one the page may not use, throws here. Later, so that the owner has stored us before.
      this.#stopTimer();
      this.#stopTimer = parts.clock.after(0, () => this.#end({ code: 1006, why: "no socket", fault }));
    }
  }

  get open(): boolean {
    return this.#welcomed && !this.#over;
  }

  /** The next `n` of the frames that count per connection. */
  nextN(): number {
    this.#n += 1;
    return this.#n;
  }

  /** What would be sent for a frame; undefined when it exceeds the limit that `welcome` told. */
  encode(frame: ClientFrame): Uint8Array | undefined {
    const bytes = this.#codec.codec.encode(frame);
    return bytes.byteLength > this.#frameBytes ? undefined : bytes;
  }

  send(frame: ClientFrame): void {
    const bytes = this.encode(frame);
    if (bytes !== undefined) this.sendBytes(bytes);
  }

  sendBytes(bytes: Uint8Array): void {
    if (this.#over) return;
    try {
      this.#socket?.send(this.#codec.name === "json" ? new TextDecoder().decode(bytes) : new Uint8Array(bytes));
    } catch (error) {
      this.#owner.failed(error, "send");
    }
  }

  /** Asks for a sign of life now; ends the connection when none comes. */
  probe(): void {
    if (this.open) this.#ping(probeDeadline);
  }

  /** Ends without a word to the owner. */
  drop(code: number): void {
    this.#over = true;
    this.#stopTimers();
    this.#close(code);
  }

  #open(socket: SocketLike): void {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => this.send(this.greeting));
    socket.addEventListener("message", (event) => this.#read(event));
    socket.addEventListener("close", (event) => this.#end({ code: event.code ?? 1006, why: event.reason ?? "" }));
    // An error is always followed by a close, which says as much.
    socket.addEventListener("error", () => undefined);
  }

  #read(event: SocketEvent): void {
    if (this.#over) return;
    const bytes = bytesOf(event.data);
    const decoded = bytes === undefined ? undefined : this.#codec.codec.decode(bytes);
    const frame = decoded?.ok === true ? readFrame(decoded.value) : undefined;
    if (frame === undefined) {
      // Types of a newer server are nothing to stumble over; the operators of this client may want to know.
      this.#owner.failed(new Error("A frame could not be read, or has no type."), "read");
      return;
    }
    this.#stopDeadline?.();
    this.#stopDeadline = undefined;
    try {
      this.#dispatch(frame);
    } catch (error) {
      this.#owner.failed(error, `frame ${frame.type}`);
    }
  }

  #dispatch(frame: ServerFrame): void {
    if (frame.type === "welcome") {
      if (this.#welcomed) return;
      this.#stopTimer();
      this.#welcomed = true;
      this.#heartbeat = frame.limits.heartbeat;
      this.#frameBytes = frame.limits.frameBytes;
      this.#beat();
      this.#owner.welcomed(this, frame);
    } else if (this.#welcomed) {
      this.#owner.received(this, frame);
    } else if (frame.type === "refused") {
      this.#refusal = frame;
    }
  }

  #beat(): void {
    this.#stopTimer = this.#clock.after(this.#heartbeat, () => {
      this.#ping(pongDeadline);
      this.#beat();
    });
  }

  #ping(deadline: number): void {
    this.send({ type: "ping", n: this.nextN() });
    this.#stopDeadline ??= this.#clock.after(deadline, () => this.#lost("no sign of life"));
  }

  /** A half-open socket may take minutes to say that it is closed: nobody waits for that. */
  #lost(why: string): void {
    this.#close(4002);
    this.#end({ code: 1006, why });
  }

  #end(ended: Ended): void {
    if (this.#over) return;
    this.#over = true;
    this.#stopTimers();
    this.#owner.ended(this, this.#refusal === undefined ? ended : { ...ended, refusal: this.#refusal });
  }

  #stopTimers(): void {
    this.#stopTimer();
    this.#stopDeadline?.();
  }

  #close(code: number): void {
    try {
      this.#socket?.close(code);
    } catch (error) {
      this.#owner.failed(error, "close");
    }
  }
}

function bytesOf(data: unknown): Uint8Array | undefined {
  if (typeof data === "string") return new TextEncoder().encode(data);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return data instanceof Uint8Array ? data : undefined;
}

/**
 * The door by which a value becomes a frame. Validators weigh more than the whole SDK and a server is not a stranger, so
 * only the type is looked at here; whatever else is wrong in a frame ends as an `error` event of the client.
 */
function readFrame(value: unknown): ServerFrame | undefined {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string"
    ? (value as ServerFrame)
    : undefined;
}
