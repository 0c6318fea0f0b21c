// One HTTP request on uWebSockets.js and its answer, which never touches a response that is gone.
import type { HttpRequest as NativeRequest, HttpResponse as NativeResponse } from "uWebSockets.js";
import type { Answer, Body, HttpRequest } from "./http.ts";

import { bodyless } from "./http.ts";
import { addressOfBytes } from "./remote-address.ts";
import { RequestHead } from "./request-head.ts";

export class UwsExchange extends RequestHead implements HttpRequest {
  readonly method: string;
  readonly #response: NativeResponse;
  /** Answered or aborted: uWS throws at any further use. */
  #over = false;
  /** The rest of a body that was too large is not worth reading. */
  #mustClose = false;
  #abandonBody: (() => void) | undefined;

  constructor(response: NativeResponse, request: NativeRequest) {
    super(request.getUrl(), queryOf(request), addressOf(response), (name) => headerOf(request, name));
    this.method = request.getCaseSensitiveMethod().toUpperCase();
    this.#response = response;
    // Without it uWS ends the process when a handler returns before it answered, and a gone response throws at any use.
    response.onAborted(() => {
      this.#over = true;
      this.#abandonBody?.();
    });
  }

  readBody(maxBytes: number): Promise<Body> {
    if (this.released) throw new Error("the body was asked for after the handler returned");
    if (Number(this.header("content-length") ?? 0) > maxBytes) return Promise.resolve(this.#tooLarge());
    return new Promise((resolve) => {
      this.#abandonBody = () => resolve({ ok: false, reason: "aborted" });
      const chunks: Uint8Array[] = [];
      let length = 0;
      this.#response.onData((chunk, isLast) => {
        length += chunk.byteLength;
        if (length > maxBytes) {
          chunks.length = 0;
          resolve(this.#tooLarge());
          return;
        }
        // uWS takes its chunk back.
        chunks.push(new Uint8Array(chunk).slice());
        if (isLast) resolve({ ok: true, bytes: Buffer.concat(chunks) });
      });
    });
  }

  /** Does nothing if the client went away. */
  send(answer: Answer, closeAfter: boolean): void {
    if (this.#over) return;
    this.#over = true;
    const response = this.#response;
    const close = closeAfter || this.#mustClose;
    response.cork(() => {
      response.writeStatus(answer.statusLine);
      for (const [name, value] of answer.headers) response.writeHeader(name, value);
      if (this.method === "HEAD" || bodyless(answer.status)) {
        if (!bodyless(answer.status)) response.writeHeader("content-length", String(answer.body.length));
        // endWithoutBody(length) leaves a GET unanswered, and with `close` it cannot go without a length. The client
        // closes for the header, or the connection's idle time-out does.
        if (close) response.writeHeader("connection", "close");
        response.endWithoutBody();
      } else {
        response.end(answer.body, close);
      }
    });
  }

  #tooLarge(): Body {
    this.#mustClose = true;
    return { ok: false, reason: "too_large" };
  }
}

/** uWS gives undefined where there is no question mark, whatever its types say. */
export function queryOf(request: NativeRequest): string {
  const query: string | undefined = request.getQuery();
  return query ?? "";
}

/**
 * Where a header comes in several lines they are one list (RFC 9110, 5.2), and uWS gives the first line alone. That line
 * is the client's own where a proxy adds its X-Forwarded-For as a line of its own, as HAProxy does: only the others say
 * the truth. Walking all headers is dear, so it is done for this one.
 */
export function headerOf(request: NativeRequest, lowerCaseName: string): string {
  if (lowerCaseName !== "x-forwarded-for") return request.getHeader(lowerCaseName);
  const lines: string[] = [];
  request.forEach((name, value) => {
    if (name === lowerCaseName) lines.push(value);
  });
  return lines.join(", ");
}

export function addressOf(response: NativeResponse): string {
  return addressOfBytes(new Uint8Array(response.getRemoteAddress()));
}
