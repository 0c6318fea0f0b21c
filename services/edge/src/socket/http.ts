// The plain HTTP that a listener answers beside its sockets: requests, responses, and what becomes of a handler's faults.

import { STATUS_CODES } from "node:http";

export interface HttpRequest {
  /** In capitals. */
  readonly method: string;
  /** As sent: neither decoded nor normalised. */
  readonly path: string;
  /** What follows the first `?`, without it; empty without one. */
  readonly query: string;
  readonly remoteAddress: string;
  /** The value of a header, whatever the case of `name`; undefined if absent or empty. Throws once the handler returned. */
  header(name: string): string | undefined;
  /**
   * Reads the body to its end. Must be called before the handler returns (its promise may take longer), and once.
   * `too_large` comes as soon as it is known, and the connection ends after the answer.
   */
  readBody(maxBytes: number): Promise<Body>;
}

export type Body =
  | { readonly ok: true; readonly bytes: Uint8Array }
  /** `aborted`: the client went away or sent too slowly; nobody will read the answer. */
  | { readonly ok: false; readonly reason: "too_large" | "aborted" };

export interface HttpResponse {
  /** 200 to 599. */
  readonly status: number;
  /** Without Content-Length, Transfer-Encoding, Connection and Date, which are the listener's. */
  readonly headers: Readonly<Record<string, string>>;
  /** Left out of answers to HEAD, but counted in their Content-Length; must be empty with 204 and 304. */
  readonly body: Uint8Array | string;
}

/** Undefined: not mine, which becomes 404. Throwing or rejecting becomes 500 and goes to `onError`. */
export type HttpHandler = (request: HttpRequest) => HttpResponse | Promise<HttpResponse> | undefined;

/** A response that may go on the wire as it is. */
export interface Answer {
  readonly status: number;
  /** With the code: `404 Not Found`. */
  readonly statusLine: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** The answer of `handler`, whatever it does. A rejected promise does not come out of here. */
export function answer(
  handler: HttpHandler,
  request: HttpRequest,
  onError: (error: unknown) => void,
): Answer | Promise<Answer> {
  const failed = (error: unknown): Answer => {
    onError(error);
    return checked(text(500, "The server failed to answer this request. Its log says why; trying again may help.\n"));
  };
  const finished = (response: HttpResponse): Answer => {
    try {
      return checked(response);
    } catch (error) {
      return failed(error);
    }
  };
  try {
    const response = handler(request);
    if (response === undefined) return checked(text(404, `Nothing is served at ${request.path} here.\n`));
    return "then" in response ? response.then(finished, failed) : finished(response);
  } catch (error) {
    return failed(error);
  }
}

/** A plain-text response. */
export function text(status: number, body: string, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers }, body };
}

// RFC 9110, 5.1 and 5.5. Whoever gets a line break into a value writes the rest of the response.
const nameShape = /^[\w!#$%&'*+.^`|~-]+$/;
const valueShape = /^[\t\x20-\x7e\x80-\xff]*$/;
const listenersOwn: ReadonlySet<string> = new Set(["content-length", "transfer-encoding", "connection", "date"]);

/** Throws where a response could not be sent as it stands: that is the handler's mistake. */
export function checked(response: HttpResponse): Answer {
  const { status, headers, body } = response;
  const phrase = STATUS_CODES[status];
  if (status < 200 || phrase === undefined) throw new RangeError(`no HTTP status a handler may answer with: ${status}`);
  for (const [name, value] of Object.entries(headers)) {
    if (!nameShape.test(name) || !valueShape.test(value)) throw new TypeError(`not a legal HTTP header: ${name}`);
    if (listenersOwn.has(name.toLowerCase())) throw new TypeError(`the listener writes this header itself: ${name}`);
  }
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  if (bodyless(status) && bytes.length > 0) throw new TypeError(`a response with status ${status} has no body`);
  return { status, statusLine: `${status} ${phrase}`, headers: Object.entries(headers), body: bytes };
}

/** Statuses whose responses carry neither body nor Content-Length (RFC 9110, 8.6; for 304 it may, and need not). */
export function bodyless(status: number): boolean {
  return status === 204 || status === 304;
}
