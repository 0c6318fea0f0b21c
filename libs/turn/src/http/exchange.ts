// One question to a service of somebody else over HTTP, within bounds, that ends in a JSON object or in a class of failure.

import { gunzipSync } from "node:zlib";
import type { PlainObject, PlainValue } from "@heliograph/codec";
import { createJsonCodec } from "@heliograph/codec";
import type { Clock } from "@heliograph/core";
import { Client, errors } from "undici";
import type { FetchFailed, FetchThrottled } from "../provider.ts";
import type { Resolve } from "./public-lookup.ts";
import { notPublic, publicLookup } from "./public-lookup.ts";
import type { ServiceUrl } from "./service-url.ts";
import { userAgent } from "./user-agent.ts";
import { verdictOn } from "./verdict.ts";

export interface ServiceRequest {
  readonly method: "GET" | "POST";
  readonly url: ServiceUrl;
  /** Hold keys: never logged. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface ServiceAnswer {
  readonly class: "answered";
  readonly value: PlainObject;
  /** Milliseconds since 1970, before anything was sent. */
  readonly askedAt: number;
}

/** Promise: never rejects, ends within 5 s, asks once and at one host. */
export interface Exchange {
  ask(request: ServiceRequest): Promise<ServiceAnswer | FetchFailed | FetchThrottled>;
}

export interface HttpExchangeParts {
  readonly clock: Pick<Clock, "after" | "now">;
  /** Default: the system's resolver. */
  readonly resolve?: Resolve;
  /** PEM of the authorities to trust instead of the system's. */
  readonly ca?: string;
}

const connectWithin = 2_000;
const wholeWithin = 5_000;
/** Of the body, as it comes and as it is after unpacking. */
const mostBytes = 64 * 1_024;
const json = createJsonCodec({ maxBytes: mostBytes, maxDepth: 16, maxKeys: 8_192 });
const slow: FetchFailed = { class: "transient", why: `no answer within ${wholeWithin / 1_000} s` };

/**
 * Each question has a connection of its own, gone when it ends: there are hours between two, and a key that was
 * replaced should meet nothing kept. Nothing that undici throws is passed on but its code, since errors may quote.
 */
export class HttpExchange implements Exchange {
  readonly #clock: Pick<Clock, "after" | "now">;
  readonly #connect: NonNullable<Client.Options["connect"]>;

  constructor({ clock, resolve, ca }: HttpExchangeParts) {
    this.#clock = clock;
    this.#connect = {
      timeout: connectWithin,
      lookup: publicLookup(resolve),
      maxCachedSessions: 0,
      ...(ca === undefined ? {} : { ca }),
    };
  }

  async ask(request: ServiceRequest): Promise<ServiceAnswer | FetchFailed | FetchThrottled> {
    const askedAt = this.#clock.now();
    const ending = new AbortController();
    const timer = this.#clock.after(wholeWithin, () => ending.abort());
    // undici hears the signal only while it is connected, and names may take their time: the bound is kept here too.
    const over = new Promise<FetchFailed>((resolve) => {
      ending.signal.addEventListener("abort", () => resolve(slow), { once: true });
    });
    try {
      return await Promise.race([this.#exchange(request, askedAt, ending.signal), over]);
    } finally {
      timer.cancel();
      ending.abort();
    }
  }

  async #exchange(
    request: ServiceRequest,
    askedAt: number,
    signal: AbortSignal,
  ): Promise<ServiceAnswer | FetchFailed | FetchThrottled> {
    try {
      const { origin, pathname, search } = new URL(request.url);
      const client = new Client(origin, { connect: this.#connect, allowH2: false });
      // At the end of every question, and so that a connection which is made too late is not used.
      signal.addEventListener("abort", () => client.destroy().catch(() => undefined), { once: true });
      const { statusCode, headers, body } = await client.request({
        method: request.method,
        path: pathname + search,
        headers: { accept: "application/json", "user-agent": userAgent, ...request.headers },
        body: request.body ?? null,
        reset: true,
        signal,
      });
      const header = (name: string) => {
        const value = headers[name];
        return Array.isArray(value) ? value[0] : value;
      };
      const failed = verdictOn({ status: statusCode, header }, this.#clock.now());
      if (failed !== undefined) return failed;
      const bytes = await atMost(body);
      if (bytes === undefined) return bad("more than 64 KiB");
      const plain = unpacked(bytes, header("content-encoding"));
      if (typeof plain === "string") return bad(plain);
      const read = json.decode(plain);
      if (!read.ok) return bad(read.reason === "too_large" ? "more than 64 KiB or 8192 values" : "not JSON");
      return isObject(read.value) ? { class: "answered", value: read.value, askedAt } : bad("not a JSON object");
    } catch (error) {
      return signal.aborted ? slow : failureOf(error);
    }
  }
}

/** Undefined: there was more than anybody needs. */
async function atMost(body: AsyncIterable<unknown>): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) return undefined;
    length += chunk.length;
    if (length > mostBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** We ask for no coding, which allows a server any. A text: what is wrong. */
function unpacked(bytes: Uint8Array, coding = "identity"): Uint8Array | string {
  switch (coding.trim().toLowerCase()) {
    case "identity":
      return bytes;
    case "gzip":
    case "x-gzip":
      try {
        return gunzipSync(bytes, { maxOutputLength: mostBytes });
      } catch {
        // Stops at the cap; and what cannot be unpacked is an answer like any other that cannot be read.
        return "more than 64 KiB when unpacked, or not gzip";
      }
    default:
      return "a content coding that nobody asked for";
  }
}

function failureOf(error: unknown): FetchFailed {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  if (code === notPublic) return { class: "refused", why: "the name stands for an address that is not public" };
  if (code === "UND_ERR_INVALID_ARG") return { class: "refused", why: "a key or a name that HTTP cannot carry" };
  if (error instanceof errors.HTTPParserError || code === "UND_ERR_HEADERS_OVERFLOW") return bad("not HTTP");
  // Codes are words of Node.js, undici and OpenSSL; their messages may quote what was sent.
  return { class: "transient", why: `no whole answer${/^[A-Z][A-Z0-9_]{1,63}$/.test(code) ? `: ${code}` : ""}` };
}

function bad(why: string): FetchFailed {
  return { class: "bad", why };
}

function isObject(value: PlainValue): value is PlainObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
