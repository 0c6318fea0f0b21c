// GET /.well-known/spreed-configuration: under which address this server is reached from outside.
import type { HttpRequest, HttpResponse } from "../../../socket/http.ts";
import { text } from "../../../socket/http.ts";
import { json } from "./answers.ts";

export interface Outside {
  /** The listener itself speaks TLS. */
  readonly tls: boolean;
  /** How many proxies of our own stand in front; 0: what a request says of the scheme is anybody's word. */
  readonly trustForwarded: number;
  /** The door's path as clients see it; ends with a slash. */
  readonly basePath: string;
}

export function discovery(request: Pick<HttpRequest, "header">, outside: Outside): HttpResponse {
  const host = request.header("host") ?? "";
  // It goes into an answer that others may be led to: a name or an address with a port, and nothing else.
  if (!/^(?:[\w.-]{1,253}|\[[\da-fA-F:.]{2,45}\])(?::\d{1,5})?$/.test(host)) {
    return text(400, "The Host header names no host.\n");
  }
  const tls = isForwardedTls(request, outside.trustForwarded) ?? outside.tls;
  return json(200, {
    "spreed-webrtc_endpoint": `${tls ? "https" : "http"}://${host}${outside.basePath.slice(0, -1)}`,
  });
}

/** Each proxy of ours adds its entry or replaces all that was there; undefined: none of them says anything. */
function isForwardedTls(request: Pick<HttpRequest, "header">, trusted: number): boolean | undefined {
  const entries = trusted === 0 ? undefined : request.header("x-forwarded-proto")?.split(",");
  const entry = entries?.at(-trusted) ?? entries?.[0];
  return entry === undefined ? undefined : /^\s*https\s*$/i.test(entry);
}
