// A service that hands out TURN credentials, on a loopback port: it answers as a script says, and keeps what it was sent.
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";

export interface ServiceRequest {
  readonly method: string;
  /** Path and query as they came. */
  readonly target: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The body as a form. */
  readonly form: URLSearchParams;
}

export interface ServiceAnswer {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default `application/json`; `null`: none. */
  readonly type?: string | null;
  /** Bytes and text go as they are, anything else as JSON. Default: an empty body. */
  readonly body?: unknown;
  /** The head does not tell how long the body is. */
  readonly chunked?: boolean;
  /** Milliseconds that pass first. */
  readonly delay?: number;
  /** Nothing goes out before this has resolved. */
  readonly after?: Promise<unknown>;
  /** `answer`: never a word. `body`: a head, and then nothing. `drip`: a head, and then a blank every 50 ms for good. */
  readonly hang?: "answer" | "body" | "drip";
  /** So many bytes of the body go out, then the connection is cut, though the head has promised all of it. */
  readonly cutAfter?: number;
}

export type Script = ServiceAnswer | ((request: ServiceRequest) => ServiceAnswer);

export interface ServiceOptions {
  /** Certificate and key in PEM: https. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Default 0: any free one. */
  readonly port?: number;
}

/** Answers 503 until it is told what to say. */
export class TurnService {
  readonly requests: ServiceRequest[] = [];
  readonly url: string;
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;
  #queue: Script[] = [];
  #otherwise: Script = { status: 503, type: "text/plain", body: "not yet" };
  #arrivals: { readonly count: number; readonly resolve: () => void }[] = [];

  static async start(options: ServiceOptions = {}): Promise<TurnService> {
    const server = options.tls === undefined ? createServer() : createTlsServer(options.tls);
    const sockets = new Set<Socket>();
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(options.port ?? 0, "127.0.0.1", resolve);
    });
    const { port } = server.address() as AddressInfo;
    return new TurnService(
      server,
      sockets,
      `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
      port,
    );
  }

  private constructor(server: Server, sockets: Set<Socket>, url: string, port: number) {
    this.#server = server;
    this.#sockets = sockets;
    this.url = url;
    this.port = port;
    server.on("request", (incoming, outgoing) => {
      this.#serve(incoming, outgoing).catch(() => outgoing.destroy());
    });
  }

  /** Every request that finds no other script is answered so. */
  answers(script: Script): this {
    this.#otherwise = script;
    return this;
  }

  /** The next requests are answered so, one each, before the lasting script counts again. */
  next(...scripts: readonly Script[]): this {
    this.#queue.push(...scripts);
    return this;
  }

  get count(): number {
    return this.requests.length;
  }

  get last(): ServiceRequest {
    const last = this.requests.at(-1);
    if (last === undefined) throw new Error("the service was asked nothing");
    return last;
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Resolves when so many requests have come in since the start. */
  arrived(count: number): Promise<void> {
    if (this.requests.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#arrivals.push({ count, resolve }));
  }

  /** Cuts what is open and frees the port. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    outgoing.on("error", () => {});
    const request = await read(incoming);
    this.requests.push(request);
    this.#arrivals = this.#arrivals.filter(({ count, resolve }) => {
      if (this.requests.length < count) return true;
      resolve();
      return false;
    });
    const script = this.#queue.shift() ?? this.#otherwise;
    const answer = typeof script === "function" ? script(request) : script;
    if (answer.hang === "answer") return;
    await answer.after;
    if (answer.delay !== undefined) await new Promise((resolve) => setTimeout(resolve, answer.delay));
    write(answer, outgoing);
  }
}

async function read(incoming: IncomingMessage): Promise<ServiceRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  const target = incoming.url ?? "/";
  const { pathname, searchParams } = new URL(target, "http://service.invalid");
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) headers[name] = String(value);
  const form = new URLSearchParams(body);
  return { method: incoming.method ?? "", target, path: pathname, query: searchParams, headers, body, form };
}

function write(answer: ServiceAnswer, outgoing: ServerResponse): void {
  const { body } = answer;
  const bytes =
    body instanceof Uint8Array
      ? body
      : Buffer.from(typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body));
  const type = answer.type === undefined ? "application/json" : answer.type;
  outgoing.writeHead(answer.status ?? 200, {
    ...(type === null ? {} : { "content-type": type }),
    // Without a length the rest of a body that hangs or is cut would be missed by nobody.
    ...(answer.hang === "drip" || answer.chunked === true
      ? {}
      : { "content-length": String(bytes.length + (answer.hang === "body" ? 2 : 0)) }),
    ...answer.headers,
  });
  if (answer.hang === "drip") {
    const drip = setInterval(() => outgoing.write(" "), 50);
    outgoing.once("close", () => clearInterval(drip));
  } else if (answer.hang === "body") {
    outgoing.write(bytes.length === 0 ? " " : bytes);
  } else if (answer.cutAfter !== undefined) {
    outgoing.write(bytes.subarray(0, answer.cutAfter), () => outgoing.destroy());
  } else {
    outgoing.end(bytes);
  }
}
