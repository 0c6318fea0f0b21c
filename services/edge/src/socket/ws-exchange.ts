// One HTTP request on node:http and its answer.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Answer, Body, HttpRequest } from "./http.ts";

import { bodyless } from "./http.ts";
import { addressOfText } from "./remote-address.ts";
import { RequestHead } from "./request-head.ts";

export class WsExchange extends RequestHead implements HttpRequest {
  readonly method: string;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  /** The rest of a body that was too large is not worth reading. */
  #mustClose = false;

  constructor(request: IncomingMessage, response: ServerResponse) {
    const { path, query } = targetOf(request);
    super(path, query, addressOfText(request.socket.remoteAddress), (name) => headerOf(request, name));
    this.method = request.method ?? "GET";
    this.#request = request;
    this.#response = response;
  }

  readBody(maxBytes: number): Promise<Body> {
    if (this.released) throw new Error("the body was asked for after the handler returned");
    if (Number(this.header("content-length") ?? 0) > maxBytes) return Promise.resolve(this.#tooLarge());
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      let length = 0;
      this.#request.on("data", (chunk: Buffer) => {
        length += chunk.length;
        if (length <= maxBytes) chunks.push(chunk);
        else {
          chunks.length = 0;
          resolve(this.#tooLarge());
        }
      });
      this.#request.on("end", () => resolve({ ok: true, bytes: Buffer.concat(chunks) }));
      this.#request.on("close", () => resolve({ ok: false, reason: "aborted" }));
    });
  }

  /** Node ignores what is written to a client that went away. */
  send(answer: Answer, closeAfter: boolean): void {
    const response = this.#response;
    const headers: Record<string, string | number> = Object.fromEntries(answer.headers);
    if (!bodyless(answer.status)) headers["content-length"] = answer.body.length;
    if (closeAfter || this.#mustClose) headers["connection"] = "close";
    response.writeHead(answer.status, headers);
    if (this.method === "HEAD" || bodyless(answer.status)) response.end();
    else response.end(answer.body);
  }

  #tooLarge(): Body {
    this.#mustClose = true;
    return { ok: false, reason: "too_large" };
  }
}

export function targetOf(request: IncomingMessage): { readonly path: string; readonly query: string } {
  const target = request.url ?? "/";
  const mark = target.indexOf("?");
  return mark < 0 ? { path: target, query: "" } : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

export function headerOf(request: IncomingMessage, lowerCaseName: string): string | undefined {
  const value = request.headers[lowerCaseName];
  return typeof value === "object" ? value.join(", ") : value;
}
