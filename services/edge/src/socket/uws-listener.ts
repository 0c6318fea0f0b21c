// A listener on uWebSockets.js: the one meant for production.
import type {
  HttpRequest as NativeRequest,
  HttpResponse as NativeResponse,
  TemplatedApp,
  us_listen_socket,
  us_socket_context_t,
} from "uWebSockets.js";
import type { Listener, ListenerOptions, SocketEndpoint, TlsFiles } from "./listener.ts";
import type { NativeSocket } from "./uws-socket.ts";

import "./uws-head-limit.ts";

import uWS from "uWebSockets.js";
import { lookup } from "node:dns/promises";
import { checkEndpoints } from "./endpoint-check.ts";
import { askToUpgrade, Handshake, handshakeFault, nothingToUpgrade, wantsWebSocket } from "./handshake.ts";
import { answer, checked, text } from "./http.ts";
import { claimPort } from "./port-claim.ts";
import { addressOf, headerOf, queryOf, UwsExchange } from "./uws-exchange.ts";
import { UwsEndpoint, UwsSocket } from "./uws-socket.ts";

export async function openUwsListener(options: ListenerOptions): Promise<Listener> {
  checkEndpoints(options.sockets);
  if (options.sharedPort === true) {
    const { address } = await lookup(options.host);
    return new UwsListener(options, address, options.port);
  }
  const claim = await claimPort(options.host, options.port);
  // A free port is left to uWS, which then holds it alone. A certificate can only be renewed on a port that a second
  // app may share, and those have a number.
  const port = options.port === 0 && options.tls === undefined ? 0 : claim.port;
  return new UwsListener(options, claim.host, port);
}

class UwsListener implements Listener {
  readonly kind = "uws";
  readonly port: number;
  readonly #options: ListenerOptions;
  readonly #host: string;
  /** The last one accepts; earlier ones hold the sockets that were opened before a certificate was renewed. */
  readonly #apps: TemplatedApp[] = [];
  #accepting: us_listen_socket | undefined;

  constructor(options: ListenerOptions, host: string, port: number) {
    this.#options = options;
    this.#host = host;
    this.#accepting = this.#listen(port);
    this.port = uWS.us_socket_local_port(this.#accepting);
  }

  stopAccepting(): void {
    if (this.#accepting === undefined) return;
    uWS.us_listen_socket_close(this.#accepting);
    this.#accepting = undefined;
  }

  async reloadTls(): Promise<void> {
    if (this.#options.tls === undefined || this.#accepting === undefined) return;
    const old = this.#accepting;
    // uWS cannot change the certificate of an app, but two may share a port: the new one listens before the old one
    // stops, so that no client meets a closed door.
    this.#accepting = this.#listen(this.port);
    uWS.us_listen_socket_close(old);
  }

  async close(): Promise<void> {
    this.stopAccepting();
    // Calls the close callback of every socket before it returns.
    for (const app of this.#apps.splice(0)) app.close();
  }

  #listen(port: number): us_listen_socket {
    const app = this.#build();
    let opened: us_listen_socket | false = false;
    app.listen(this.#host, port, (socket) => {
      opened = socket;
    });
    if (opened === false) throw new Error(`cannot listen on ${this.#host} port ${port}: taken a moment ago`);
    this.#apps.push(app);
    return opened;
  }

  #build(): TemplatedApp {
    const { tls, sockets } = this.#options;
    const app = tls === undefined ? uWS.App() : secureApp(tls);
    for (const endpoint of sockets) this.#accept(app, endpoint);
    return app.any("/*", (response, request) => this.#serve(response, request));
  }

  #accept(app: TemplatedApp, endpoint: SocketEndpoint<unknown>): void {
    const { handlers, maxFrameBytes, idleTimeoutSeconds, maxBufferedBytes, path } = endpoint;
    const shared = new UwsEndpoint(endpoint, this.#options.tls !== undefined, this.#options.onError);
    app.ws<{ peer: UwsSocket }>(path, {
      // uWS drops what is longer without a word. What is longer than allowed but not by much reaches us, and its sender
      // is told.
      maxPayloadLength: maxFrameBytes * 2,
      // uWS refuses to send above it, which is all we want of it: the owner of the socket decides what then happens.
      maxBackpressure: maxBufferedBytes,
      idleTimeout: idleTimeoutSeconds,
      sendPingsAutomatically: true,
      compression: uWS.DISABLED,
      upgrade: (response, request, context) => this.#upgrade(response, request, context, shared, handlers),
      open: (native) => peerOf(native).opened(native),
      message: (native, message, isBinary) => peerOf(native).message(message, isBinary),
      drain: (native) => peerOf(native).drained(),
      pong: (native) => peerOf(native).ponged(),
      close: (native, code, message) => peerOf(native).ended(code, message),
    });
  }

  #upgrade(
    response: NativeResponse,
    request: NativeRequest,
    context: us_socket_context_t,
    endpoint: UwsEndpoint,
    handlers: SocketEndpoint<unknown>["handlers"],
  ): void {
    const head = new Handshake(request.getUrl(), queryOf(request), addressOf(response), (name) =>
      headerOf(request, name),
    );
    const refuse = (refusal: Parameters<typeof checked>[0]) =>
      new UwsExchange(response, request).send(checked(refusal), true);
    try {
      const fault = handshakeFault(request.getCaseSensitiveMethod().toUpperCase(), head);
      if (fault !== undefined) {
        refuse(fault);
        return;
      }
      const verdict = askToUpgrade((question) => handlers.upgrade(question), head);
      if (!verdict.accept) {
        refuse(text(verdict.status, verdict.body));
        return;
      }
      response.upgrade(
        { peer: new UwsSocket(head.remoteAddress, verdict.context, endpoint) },
        request.getHeader("sec-websocket-key"),
        verdict.subprotocol ?? "",
        "",
        context,
      );
    } catch (error) {
      this.#options.onError(error);
      refuse(text(500, "The server failed to open this WebSocket. Its log says why; trying again may help.\n"));
    } finally {
      head.release();
    }
  }

  #serve(response: NativeResponse, request: NativeRequest): void {
    const exchange = new UwsExchange(response, request);
    const { onError, sockets, http } = this.#options;
    const send = (ready: ReturnType<typeof checked>) => exchange.send(ready, this.#accepting === undefined);
    try {
      const endpoint = sockets.find(({ path }) => path === exchange.path);
      if (endpoint !== undefined) {
        const fault = handshakeFault(exchange.method, exchange);
        // uWS brings well-formed handshakes to upgrade().
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
      response.close();
    } finally {
      exchange.release();
    }
  }
}

function secureApp({ certFile, keyFile }: TlsFiles): TemplatedApp {
  try {
    return uWS.SSLApp({ cert_file_name: certFile, key_file_name: keyFile });
  } catch (cause) {
    // uWS names neither the file nor the fault.
    throw new Error(`cannot use the certificate ${certFile} with the key ${keyFile}: missing, unreadable or no pair`, {
      cause,
    });
  }
}

/** The door from uWS' socket to ours: it copies what upgrade() was given onto the object that every callback gets. */
function peerOf(native: unknown): UwsSocket {
  return (native as NativeSocket).peer;
}
