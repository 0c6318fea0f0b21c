// One client socket on ws.
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { closeFrame } from "./close-frame.ts";
import type { SendResult, Socket, SocketEndpoint } from "./listener.ts";

/** uWS looks at its idle sockets this often too, in seconds. */
export const idleStep = 4;

/** A quiet client is pinged this long before it is given up, in seconds. */
const pingMargin = 4;

/** What ws finds wrong with what a client sent, where it is more than a breach of the protocol. */
const codesOfFaults: Readonly<Record<string, number>> = {
  WS_ERR_INVALID_UTF8: 1007,
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
};

export interface WsSocketParts {
  readonly websocket: WebSocket;
  /** What ws writes to. */
  readonly stream: Duplex;
  readonly endpoint: SocketEndpoint<unknown>;
  readonly context: unknown;
  readonly remoteAddress: string;
  readonly secure: boolean;
  readonly onError: (error: unknown) => void;
}

export class WsSocket implements Socket {
  readonly remoteAddress: string;
  readonly secure: boolean;
  readonly #websocket: WebSocket;
  readonly #stream: Duplex;
  readonly #endpoint: SocketEndpoint<unknown>;
  readonly #context: unknown;
  readonly #onError: (error: unknown) => void;
  #open = true;
  #corks = 0;
  #behind = false;
  #quietSeconds = 0;
  #dropCode = 1006;

  constructor(parts: WsSocketParts) {
    this.remoteAddress = parts.remoteAddress;
    this.secure = parts.secure;
    this.#websocket = parts.websocket;
    this.#stream = parts.stream;
    this.#endpoint = parts.endpoint;
    this.#context = parts.context;
    this.#onError = parts.onError;
  }

  get bufferedBytes(): number {
    return this.#open ? this.#websocket.bufferedAmount : 0;
  }

  send(frame: Uint8Array, binary: boolean): SendResult {
    if (!this.#open || this.#websocket.bufferedAmount > this.#endpoint.maxBufferedBytes) return "dropped";
    // Node keeps what the kernel does not take at once, and the caller's bytes are its own again after this call.
    this.#websocket.send(Buffer.from(frame), { binary }, this.#written);
    if (this.#corks > 0 || this.#websocket.bufferedAmount === 0) return "sent";
    this.#behind = true;
    return "buffered";
  }

  cork(write: () => void): void {
    this.#corks++;
    this.#stream.cork();
    try {
      write();
    } catch (error) {
      this.#onError(error);
    }
    this.#stream.uncork();
    this.#corks--;
    if (this.#corks === 0 && this.bufferedBytes > 0) this.#behind = true;
  }

  ping(): void {
    if (this.#open) this.#websocket.ping();
  }

  close(code: number, reason: string): void {
    if (!this.#open) return;
    const frame = closeFrame(code, reason);
    this.#websocket.close(frame.code, frame.reason);
    this.#end(frame.code, frame.reason);
  }

  terminate(): void {
    this.#drop("");
  }

  // From here on: for the listener.

  /** Listens to ws and tells the handlers that the socket is there. */
  begin(): void {
    const { handlers } = this.#endpoint;
    this.#websocket.on("message", (data: Buffer, isBinary) => {
      this.#quietSeconds = 0;
      this.#guarded(() => handlers.message(this, this.#context, data, isBinary));
    });
    this.#websocket.on("ping", () => {
      this.#quietSeconds = 0;
    });
    this.#websocket.on("pong", () => {
      this.#quietSeconds = 0;
      this.#guarded(() => handlers.ponged(this, this.#context));
    });
    this.#websocket.on("error", (error: Error & { readonly code?: string }) => {
      this.#dropCode = codesOfFaults[error.code ?? ""] ?? 1006;
    });
    this.#websocket.on("close", (code, reason) => {
      if (code === 1006) this.#end(this.#dropCode, "");
      else this.#end(code, reason.toString());
    });
    this.#guarded(() => handlers.opened(this, this.#context));
  }

  /** Another idleStep has passed. */
  tick(): void {
    if (!this.#open) return;
    this.#quietSeconds += idleStep;
    const { idleTimeoutSeconds } = this.#endpoint;
    if (this.#quietSeconds > idleTimeoutSeconds) this.#drop("idle");
    else if (this.#quietSeconds > idleTimeoutSeconds - pingMargin) this.#websocket.ping();
  }

  readonly #written = (): void => {
    if (!this.#behind || this.bufferedBytes > 0) return;
    this.#behind = false;
    this.#guarded(() => this.#endpoint.handlers.drained(this, this.#context));
  };

  #guarded(call: () => void): void {
    if (!this.#open) return;
    try {
      call();
    } catch (error) {
      this.#onError(error);
      this.close(1011, "");
    }
  }

  #drop(reason: string): void {
    if (!this.#open) return;
    this.#websocket.terminate();
    this.#end(1006, reason);
  }

  #end(code: number, reason: string): void {
    if (!this.#open) return;
    this.#open = false;
    try {
      this.#endpoint.handlers.closed(this, this.#context, code, reason);
    } catch (error) {
      this.#onError(error);
    }
  }
}
