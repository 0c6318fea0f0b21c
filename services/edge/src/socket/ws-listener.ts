// A listener on ws and node:http, for machines on which the addon of uWebSockets.js cannot load.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, Server, ServerOptions } from "node:http";
import { createServer, ServerResponse } from "node:http";
import { createServer as createSecureServer, type Server as SecureServer } from "node:https";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { checkEndpoints } from "./endpoint-check.ts";
import { askToUpgrade, Handshake, handshakeFault, nothingToUpgrade, wantsWebSocket } from "./handshake.ts";
import type { Answer, HttpResponse } from "./http.ts";
import { answer, checked, text } from "./http.ts";
import type { Listener, ListenerOptions, SocketEndpoint, TlsFiles } from "./listener.ts";
import { addressOfText } from "./remote-address.ts";
import { headerOf, targetOf, WsExchange } from "./ws-exchange.ts";
import { idleStep, WsSocket } from "./ws-socket.ts";

/** What uWS allows a connection without a whole request, in milliseconds. */
const headDeadline = 10_000;

const limits = {
  headersTimeout: headDeadline,
  keepAliveTimeout: headDeadline,
  // A body may take longer than its head; uWS asks for 16 KiB a second instead.
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16 * 1024,
} satisfies ServerOptions;

/** The longest that a closed socket waits for its client to answer the close frame, in milliseconds. */
const closeTimeout = 4_000;

export async function openWsListener(options: ListenerOptions): Promise<Listener> {
  checkEndpoints(options.sockets);
  if (options.sharedPort === true) {
    throw new Error(
      "several processes share a port on the native sockets only, and these could not be loaded. Run one worker, or " +
        "several edges on ports of their own behind a balancer",
    );
  }
  const listener = new WsListener(options, options.tls && (await readPair(options.tls)));
  await listener.listen();
  return listener;
}

class WsListener implements Listener {
  readonly kind = "ws";
  readonly #options: ListenerOptions;
  readonly #server: Server | SecureServer;
  readonly #secureServer: SecureServer | undefined;
  readonly #doors = new Map<string, Door>();
  readonly #sockets = new Set<WsSocket>();
  readonly #idleTimer: NodeJS.Timeout;
  readonly #ended: Promise<void>;
  #port = 0;
  #accepting = true;

  constructor(options: ListenerOptions, pair: CertificatePair | undefined) {
    this.#options = options;
    if (pair === undefined) this.#server = createServer(limits);
    else {
      this.#secureServer = createSecureServer({
        ...limits,
        ...pair,
        minVersion: "TLSv1.2",
        handshakeTimeout: headDeadline,
      });
      this.#server = this.#secureServer;
    }
    this.#ended = new Promise((resolve) => this.#server.once("close", resolve));
    for (const endpoint of options.sockets) this.#doors.set(endpoint.path, new Door(endpoint));
    this.#server.on("request", (request, response) => this.#serve(new WsExchange(request, response)));
    this.#server.on("upgrade", (request, stream, head) => this.#upgrade(request, stream, head));
    this.#idleTimer = setInterval(() => {
      for (const socket of this.#sockets) socket.tick();
    }, idleStep * 1_000).unref();
  }

  get port(): number {
    return this.#port;
  }

  async listen(): Promise<void> {
    const { host, port, onError } = this.#options;
    try {
      this.#server.listen({ host, port, exclusive: true });
      await once(this.#server, "listening");
    } catch (error) {
      clearInterval(this.#idleTimer);
      throw error;
    }
    const address = this.#server.address();
    this.#port = address !== null && typeof address === "object" ? address.port : port;
    this.#server.on("error", onError);
  }

  stopAccepting(): void {
    if (!this.#accepting) return;
    this.#accepting = false;
    // Ends idle keep-alive connections too.
    this.#server.close();
  }

  async reloadTls(): Promise<void> {
    const { tls } = this.#options;
    if (tls === undefined || !this.#accepting) return;
    this.#secureServer?.setSecureContext({ ...(await readPair(tls)), minVersion: "TLSv1.2" });
  }

  async close(): Promise<void> {
    this.stopAccepting();
    clearInterval(this.#idleTimer);
    for (const socket of this.#sockets) socket.terminate();
    // Those that are closed already, but whose clients have not read it.
    for (const door of this.#doors.values()) for (const websocket of door.websockets.clients) websocket.terminate();
    this.#server.closeAllConnections();
    await this.#ended;
  }

  #serve(exchange: WsExchange): void {
    const { onError, http } = this.#options;
    const send = (ready: Answer) => exchange.send(ready, !this.#accepting);
    try {
      if (this.#doors.has(exchange.path)) {
        const fault = handshakeFault(exchange.method, exchange);
        send(checked(fault ?? text(400, "This is not a WebSocket handshake.\n")));
        return;
      }
      if (wantsWebSocket(exchange)) {
        send(checked(nothingToUpgrade(exchange.path)));
        return;
      }
      const ready = answer(http, exchange, onError);
      if (ready instanceof Promise) void ready.then(send).catch(onError);
      else send(ready);
    } catch (error) {
      onError(error);
    } finally {
      exchange.release();
    }
  }

  #upgrade(request: IncomingMessage, stream: Duplex, early: Buffer): void {
    // A client may reset the connection at any moment from here on.
    stream.on("error", () => stream.destroy());
    const { path, query } = targetOf(request);
    const door = this.#doors.get(path);
    const method = request.method ?? "GET";
    const head = new Handshake(path, query, addressOfText(request.socket.remoteAddress), (name) =>
      headerOf(request, name),
    );
    try {
      // An upgrade to something else, such as h2c, may be ignored (RFC 9110, 7.8).
      if (door === undefined || !wantsWebSocket(head)) {
        this.#serve(new WsExchange(request, respond(request, stream)));
        return;
      }
      const fault = handshakeFault(method, head);
      if (fault !== undefined) {
        refuse(request, stream, fault);
        return;
      }
      const verdict = askToUpgrade((question) => door.endpoint.handlers.upgrade(question), head);
      if (!verdict.accept) {
        refuse(request, stream, text(verdict.status, verdict.body));
        return;
      }
      door.subprotocol = verdict.subprotocol;
      // Calls back before it returns, if the client is still there.
      door.websockets.handleUpgrade(request, stream, early, (websocket) => {
        const socket = new WsSocket({
          websocket,
          stream,
          endpoint: door.endpoint,
          context: verdict.context,
          remoteAddress: head.remoteAddress,
          secure: this.#secureServer !== undefined,
          onError: this.#options.onError,
        });
        this.#sockets.add(socket);
        websocket.on("close", () => this.#sockets.delete(socket));
        socket.begin();
      });
    } catch (error) {
      this.#options.onError(error);
      refuse(
        request,
        stream,
        text(500, "The server failed to open this WebSocket. Its log says why; trying again may help.\n"),
      );
    } finally {
      head.release();
    }
  }
}

/** An endpoint and the part of ws that serves it. */
class Door {
  readonly endpoint: SocketEndpoint<unknown>;
  readonly websockets: WebSocketServer;
  /** Of the handshake under way: ws asks for it in the middle of handleUpgrade. */
  subprotocol: string | undefined;

  constructor(endpoint: SocketEndpoint<unknown>) {
    this.endpoint = endpoint;
    const options = {
      noServer: true,
      maxPayload: endpoint.maxFrameBytes,
      perMessageDeflate: false,
      handleProtocols: () => this.subprotocol ?? false,
      // Not yet in the published types.
      closeTimeout,
    } as const;
    this.websockets = new WebSocketServer(options);
  }
}

function refuse(request: IncomingMessage, stream: Duplex, refusal: HttpResponse): void {
  const exchange = new WsExchange(request, respond(request, stream));
  exchange.send(checked(refusal), true);
}

/** Node leaves the answer to a request with an Upgrade header to us; the connection ends with it. */
function respond(request: IncomingMessage, stream: Duplex): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(request.socket);
  response.on("finish", () => stream.end());
  return response;
}

interface CertificatePair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

async function readPair({ certFile, keyFile }: TlsFiles): Promise<CertificatePair> {
  const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
  return { cert, key };
}
