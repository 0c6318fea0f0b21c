// One client socket on uWebSockets.js, and what the sockets of one endpoint share.
import type { WebSocket } from "uWebSockets.js";
import { closeFrame } from "./close-frame.ts";
import type { SendResult, Socket, SocketEndpoint, SocketHandlers } from "./listener.ts";

/** What uWS keeps for us beside its own socket. */
export interface Holder {
  readonly peer: UwsSocket;
}

/** The native socket with the holder's members on it: uWS copies them there and passes this object to every callback. */
export type NativeSocket = WebSocket<Holder> & Holder;

/** What the sockets of one endpoint have in common, so that each holds one reference for all of it. */
export class UwsEndpoint {
  readonly handlers: SocketHandlers<unknown>;
  readonly maxFrameBytes: number;
  readonly secure: boolean;
  readonly onError: (error: unknown) => void;
  #write: (() => void) | undefined;

  constructor(endpoint: SocketEndpoint<unknown>, secure: boolean, onError: (error: unknown) => void) {
    this.handlers = endpoint.handlers;
    this.maxFrameBytes = endpoint.maxFrameBytes;
    this.secure = secure;
    this.onError = onError;
  }

  /** `write` under the cork of `native`. One function serves every cork, so that corking allocates nothing. */
  cork(native: WebSocket<Holder>, write: () => void): void {
    this.#write = write;
    native.cork(this.#corked);
  }

  /** uWS lets what a callback throws fall through to the event loop. */
  run(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.onError(error);
    }
  }

  readonly #corked = (): void => {
    const write = this.#write;
    // A cork within this one sets it anew.
    this.#write = undefined;
    if (write !== undefined) this.run(write);
  };
}

/** Why uWS dropped a connection, in its own words, and the code that ws would report. */
const codesOfDrops: Readonly<Record<string, number>> = {
  "Received invalid UTF-8": 1007,
  "Received too big message": 1009,
};
const idleDrop = "WebSocket timed out from inactivity";

export class UwsSocket implements Socket {
  readonly remoteAddress: string;
  readonly #context: unknown;
  readonly #endpoint: UwsEndpoint;
  /** Undefined before it opened and from its close on: uWS throws at any use of a closed one. */
  #native: WebSocket<Holder> | undefined;

  constructor(remoteAddress: string, context: unknown, endpoint: UwsEndpoint) {
    this.remoteAddress = remoteAddress;
    this.#context = context;
    this.#endpoint = endpoint;
    this.#native = undefined;
  }

  get secure(): boolean {
    return this.#endpoint.secure;
  }

  get bufferedBytes(): number {
    return this.#native === undefined ? 0 : this.#native.getBufferedAmount();
  }

  send(frame: Uint8Array, binary: boolean): SendResult {
    if (this.#native === undefined) return "dropped";
    const status = this.#native.send(frame, binary, false);
    return status === 1 ? "sent" : status === 0 ? "buffered" : "dropped";
  }

  cork(write: () => void): void {
    if (this.#native === undefined) this.#endpoint.run(write);
    else this.#endpoint.cork(this.#native, write);
  }

  ping(): void {
    this.#native?.ping();
  }

  close(code: number, reason: string): void {
    if (this.#native === undefined) return;
    const frame = closeFrame(code, reason);
    // Calls the native close callback, and so ended(), before it returns.
    this.#native.end(frame.code, frame.reason);
  }

  terminate(): void {
    this.#native?.close();
  }

  // From here on: for the native callbacks.

  opened(native: WebSocket<Holder>): void {
    this.#native = native;
    try {
      this.#endpoint.handlers.opened(this, this.#context);
    } catch (error) {
      this.#failed(error);
    }
  }

  message(buffer: ArrayBuffer, binary: boolean): void {
    if (buffer.byteLength > this.#endpoint.maxFrameBytes) {
      this.close(1009, `messages have at most ${this.#endpoint.maxFrameBytes} bytes here`);
      return;
    }
    try {
      this.#endpoint.handlers.message(this, this.#context, new Uint8Array(buffer), binary);
    } catch (error) {
      this.#failed(error);
    }
  }

  drained(): void {
    // uWS reports progress; the contract promises the end of it.
    if (this.bufferedBytes > 0) return;
    try {
      this.#endpoint.handlers.drained(this, this.#context);
    } catch (error) {
      this.#failed(error);
    }
  }

  ponged(): void {
    try {
      this.#endpoint.handlers.ponged(this, this.#context);
    } catch (error) {
      this.#failed(error);
    }
  }

  ended(code: number, message: ArrayBuffer): void {
    this.#native = undefined;
    let ending = code;
    let reason = Buffer.from(message).toString();
    if (code === 1006) {
      ending = codesOfDrops[reason] ?? 1006;
      reason = reason === idleDrop ? "idle" : "";
    }
    try {
      this.#endpoint.handlers.closed(this, this.#context, ending, reason);
    } catch (error) {
      this.#endpoint.onError(error);
    }
  }

  #failed(error: unknown): void {
    this.#endpoint.onError(error);
    this.close(1011, "");
  }
}
