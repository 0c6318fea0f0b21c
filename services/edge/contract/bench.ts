// A listener on a free port with recording handlers, closed after its test.

import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type ClientOptions, WebSocket } from "ws";
import type { HttpHandler } from "../src/socket/http.ts";
import type { Listener, ListenerOptions, SocketEndpoint } from "../src/socket/listener.ts";
import { Recorder } from "./recorder.ts";

export type OpenListener = (options: ListenerOptions) => Promise<Listener>;

export const maxFrameBytes = 2_000;
export const maxBufferedBytes = 1_000_000;
export const path = "/v1/socket";

export interface Setting extends Partial<ListenerOptions> {
  /** Beside the usual endpoint's settings. */
  readonly endpoint?: Partial<SocketEndpoint<unknown>>;
}

export interface Bench {
  readonly listener: Listener;
  readonly recorder: Recorder;
  /** What onError heard. */
  readonly errors: unknown[];
}

export async function bench(open: OpenListener, setting: Setting = {}): Promise<Bench> {
  const recorder = new Recorder();
  const errors: unknown[] = [];
  const { endpoint, ...rest } = setting;
  const listener = await open({
    host: "127.0.0.1",
    port: 0,
    sockets: [{ path, handlers: recorder, maxFrameBytes, idleTimeoutSeconds: 60, maxBufferedBytes, ...endpoint }],
    http: () => undefined,
    onError: (error) => errors.push(error),
    ...rest,
  });
  onTestFinished(() => listener.close());
  return { listener, recorder, errors };
}

export function echo(recorder: Recorder): void {
  recorder.onMessage = (socket, bytes, binary) => socket.send(bytes, binary);
}

/** Of a client that follows the rules. */
export async function connected(
  port: number,
  {
    scheme = "ws",
    host = "127.0.0.1",
    at = path,
    ...options
  }: ClientOptions & { scheme?: string; host?: string; at?: string } = {},
  subprotocols: string[] = [],
): Promise<WebSocket> {
  const client = new WebSocket(`${scheme}://${host}:${port}${at}`, subprotocols, {
    rejectUnauthorized: false,
    ...options,
  });
  onTestFinished(() => client.terminate());
  client.on("error", () => undefined);
  await once(client, "open");
  return client;
}

export interface Reply {
  readonly data: string;
  readonly binary: boolean;
}

export async function reply(client: WebSocket): Promise<Reply> {
  return new Promise((resolve) => {
    client.once("message", (data: Buffer, binary: boolean) => resolve({ data: data.toString("latin1"), binary }));
  });
}

export async function ending(client: WebSocket): Promise<{ code: number; reason: string }> {
  return new Promise((resolve) => {
    client.once("close", (code, reason) => resolve({ code, reason: reason.toString() }));
  });
}

export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export async function fetched(
  port: number,
  target: string,
  options: {
    method?: string;
    headers?: Record<string, string | string[]>;
    body?: string | Buffer;
    secure?: boolean;
  } = {},
): Promise<HttpReply> {
  const { body, secure = false, ...rest } = options;
  const ask = secure ? httpsRequest : httpRequest;
  const request = ask({ host: "127.0.0.1", port, path: target, agent: false, rejectUnauthorized: false, ...rest });
  request.end(body);
  return new Promise((resolve, reject) => {
    request.on("error", reject);
    // An upgrade that the server ignores or refuses is an ordinary response.
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
  });
}

/** A handler of one body for everybody. */
export function always(body: string): HttpHandler {
  return () => ({ status: 200, headers: { "content-type": "text/plain" }, body });
}

/** An empty directory, removed after the test. */
export async function directory(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "heliograph-listener-"));
  onTestFinished(() => rm(made, { recursive: true }));
  return made;
}
