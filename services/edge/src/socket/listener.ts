// What the edge asks of whatever ends its sockets. Two implementations (uWebSockets.js, and ws on node:http where the
// native addon cannot load) keep these promises alike; services/edge/contract/listener.ts holds both to them.
import type { HttpHandler } from "./http.ts";

/**
 * One WebSocket of one client. No method throws, and each does nothing once `closed` was called.
 *
 * The library answers pings, unmasks, puts fragments together and checks UTF-8, so a `message` is always whole. Frames
 * that a client sends before it has the answer to its handshake may be lost (RFC 6455, 4.1 forbids them).
 */
export interface Socket {
  /** Textual; an IPv4-mapped IPv6 address is given as IPv4, any other IPv6 address in the form of RFC 5952. */
  readonly remoteAddress: string;
  /** Whether the connection to this process is under TLS. */
  readonly secure: boolean;
  /** Bytes accepted by `send` that the kernel has not taken yet. 0 once closed. */
  readonly bufferedBytes: number;
  /** Sends one whole frame. Its bytes are copied or written before the call returns. */
  send(frame: Uint8Array, binary: boolean): SendResult;
  /** Calls `write` once, at once; the frames it sends leave in one write. What it throws goes to `onError`. */
  cork(write: () => void): void;
  /** Sends an empty ping; `ponged` is the answer. */
  ping(): void;
  /**
   * Sends a close frame behind whatever is buffered. `closed` has been called, with this code and reason, before the
   * call returns; the connection itself lingers until the client has read it, for `idleTimeoutSeconds` at most.
   * A code no endpoint may send (RFC 6455, 7.4) becomes 1011, and a reason over 123 bytes is cut.
   */
  close(code: number, reason: string): void;
  /** Drops the TCP connection and what is buffered. `closed(1006)` has been called before the call returns. */
  terminate(): void;
}

/**
 * - `sent`: given to the kernel, or held by a cork for its end.
 * - `buffered`: waits for the client to read; `drained` follows when all of it has left.
 * - `dropped`: not sent, because more than `maxBufferedBytes` wait already, or the socket is closed. The owner of an
 *   ordered stream closes a socket that dropped a frame.
 */
export type SendResult = "sent" | "buffered" | "dropped";

/** A well-formed WebSocket handshake on an endpoint's path. */
export interface UpgradeRequest {
  /** As sent: neither decoded nor normalised. */
  readonly path: string;
  /** What follows the first `?`, without it; empty without one. */
  readonly query: string;
  readonly origin: string | undefined;
  /** In the client's order of preference. */
  readonly subprotocols: readonly string[];
  readonly remoteAddress: string;
  /**
   * The value of a header, whatever the case of `name`; undefined if absent or empty. Several lines of X-Forwarded-For
   * are one list; of another header it may be the first line alone. Throws once `upgrade` returned.
   */
  header(name: string): string | undefined;
}

export type UpgradeAnswer<C> =
  | {
      readonly accept: true;
      /** One of those the client offered; none is named to the client without it. */
      readonly subprotocol?: string;
      /** What the other handlers get beside the socket. */
      readonly context: C;
    }
  /** `body` is plain text for whoever debugs the client: it says what to do next. */
  | { readonly accept: false; readonly status: number; readonly body: string };

/**
 * What becomes of the sockets of one endpoint. All calls are synchronous. A handler that throws has its error given to
 * `onError` and its socket closed with 1011.
 */
export interface SocketHandlers<C> {
  upgrade(request: UpgradeRequest): UpgradeAnswer<C>;
  opened(socket: Socket, context: C): void;
  /** `bytes` are a view of the library's own buffer: valid during the call only, so copy what outlives it. */
  message(socket: Socket, context: C, bytes: Uint8Array, binary: boolean): void;
  /** Everything that was `buffered` has left. */
  drained(socket: Socket, context: C): void;
  ponged(socket: Socket, context: C): void;
  /**
   * Exactly once for each `opened`, and last. What `code` and `reason` say:
   * - the client's own, 1005 if its close frame had none;
   * - those of `Socket.close`;
   * - 1006: cut by the network, by the client without a close frame, by `terminate`, or for breaking RFC 6455.
   *   The reason is `idle` where the client was not heard for `idleTimeoutSeconds`;
   * - 1007: text that is not UTF-8. ws tells the client, uWS drops the connection;
   * - 1009: a message over `maxFrameBytes`. The client is told, except that uWS drops the connection of one that
   *   announces more than twice as much.
   */
  closed(socket: Socket, context: C, code: number, reason: string): void;
}

/** A path on which WebSockets are accepted. */
export interface SocketEndpoint<C> {
  /** Compared with the request's path as a whole. Letters, digits and `/._~-` only. */
  readonly path: string;
  readonly handlers: SocketHandlers<C>;
  /** Most bytes of one message, fragments put together. */
  readonly maxFrameBytes: number;
  /** 8 to 960. A client not heard for this long, pongs included, is dropped; it is pinged before. Exact to 4 s. */
  readonly idleTimeoutSeconds: number;
  /** Above this many waiting bytes `send` drops. One frame may go over it, so memory is bounded by both together. */
  readonly maxBufferedBytes: number;
}

export interface TlsFiles {
  /** PEM, the leaf first, then its chain. */
  readonly certFile: string;
  readonly keyFile: string;
}

export interface ListenerOptions {
  /** A name or an address; `::` takes IPv4 too. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** TLS 1.2 and above with it, plain without. */
  /**
   * Other processes may listen on the same port, and the system spreads connections over all of them. uWS only, and
   * never port 0: whoever starts the processes has looked that the port is free.
   */
  readonly sharedPort?: boolean;
  readonly tls?: TlsFiles | undefined;
  readonly sockets: readonly SocketEndpoint<unknown>[];
  readonly http: HttpHandler;
  /** Hears of every error that a handler threw or its promise was rejected with. Must not throw. */
  onError(error: unknown): void;
}

/**
 * A port that answers WebSocket and HTTP. A request's head must arrive within 10 s, a connection with no request under
 * way is closed after 10 s, and heads up to 16 KiB are read.
 */
export interface Listener {
  /** Where the addon could not load, `ws`. */
  readonly kind: "uws" | "ws";
  readonly port: number;
  /** Refuses new connections. Sockets live on; HTTP connections end after the answer they wait for. */
  stopAccepting(): void;
  /**
   * Reads the certificate files again: new connections get the new certificate, living ones stay. Rejects, and keeps
   * the old certificate, if the files do not make a pair. Does nothing without TLS or after `stopAccepting`.
   */
  reloadTls(): Promise<void>;
  /** Stops accepting and terminates what is left; `closed` has been called for every socket when it resolves. */
  close(): Promise<void>;
}
