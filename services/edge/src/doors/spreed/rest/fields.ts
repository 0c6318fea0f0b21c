// The body of a request to the REST API: names and values, in JSON or as a form.
import { createJsonCodec } from "@heliograph/codec/json";
import type { HttpRequest } from "../../../socket/http.ts";

export type Fields =
  | { readonly ok: true; readonly values: ReadonlyMap<string, string> }
  /** `aborted`: nobody will read the answer. */
  | { readonly ok: false; readonly reason: "malformed" | "too_large" | "aborted" };

/** Every field that is known is shorter than 2 KiB. */
const mostBytes = 16_384;
const codec = createJsonCodec({ maxBytes: mostBytes, maxDepth: 8, maxKeys: 64 });
// A byte order mark is kept, as what it is: no part of a form.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text members of one JSON object; what is no text counts as not there. */
export function readJson(request: HttpRequest): Promise<Fields> {
  return readAs(request, jsonFields);
}

/** `application/x-www-form-urlencoded`, as the URL standard reads it; of equal names the first counts. */
export function readForm(request: HttpRequest): Promise<Fields> {
  return readAs(request, formFields);
}

/** The type alone, in lower case; empty without one. */
export function contentType(request: Pick<HttpRequest, "header">): string {
  return (request.header("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

/** Called, as the listener wants it, before the handler returns. */
async function readAs(
  request: HttpRequest,
  read: (bytes: Uint8Array) => ReadonlyMap<string, string> | undefined,
): Promise<Fields> {
  const body = await request.readBody(mostBytes);
  if (!body.ok) return body;
  const values = read(body.bytes);
  return values === undefined ? { ok: false, reason: "malformed" } : { ok: true, values };
}

function jsonFields(bytes: Uint8Array): ReadonlyMap<string, string> | undefined {
  const read = codec.decode(bytes);
  if (!read.ok || read.value === null || typeof read.value !== "object" || Array.isArray(read.value)) return undefined;
  return new Map(Object.entries(read.value).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

function formFields(bytes: Uint8Array): ReadonlyMap<string, string> | undefined {
  try {
    const form = utf8.decode(bytes);
    // URLSearchParams lets broken escapes and broken UTF-8 behind them pass.
    decodeURIComponent(form);
    const values = new Map<string, string>();
    for (const [name, value] of new URLSearchParams(form)) if (!values.has(name)) values.set(name, value);
    return values;
  } catch {
    // Thrown where the bytes or what they escape is not UTF-8: an answer, not a failure.
    return undefined;
  }
}
