// A server that misbehaves in one way: a proxy before a good one that changes what passes through it.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Codec, PlainObject, PlainValue } from "@heliograph/codec";
import { createJsonCodec } from "@heliograph/codec/json";
import { createMsgpackCodec } from "@heliograph/codec/msgpack";
import { WebSocket, WebSocketServer } from "ws";

const limits = { maxBytes: 1 << 26, maxDepth: 500, maxKeys: 1_000_000 };

/** What becomes of one frame. */
export type Change = (frame: PlainObject) => readonly PlainObject[];

/** Each part is made anew for every connection, so that it may remember. */
export interface Misbehaviour {
  /** Of frames to the client. */
  readonly down?: () => Change;
  /** Of frames to the server. */
  readonly up?: () => Change;
  readonly close?: (code: number) => number;
}

export class TamperingServer {
  readonly #upstream: string;
  readonly #how: Misbehaviour;
  readonly #server = new WebSocketServer({ port: 0, host: "127.0.0.1", maxPayload: 1 << 26 });

  constructor(upstream: string, how: Misbehaviour) {
    this.#upstream = upstream;
    this.#how = how;
    this.#server.on("connection", (client) => this.#join(client));
  }

  async start(): Promise<string> {
    if (this.#server.address() === null) await once(this.#server, "listening");
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1/socket`;
  }

  async end(): Promise<void> {
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(client: WebSocket): void {
    const codec = client.protocol.endsWith("json") ? createJsonCodec(limits) : createMsgpackCodec(limits);
    const server = new WebSocket(this.#upstream, client.protocol);
    const early: [Buffer, boolean][] = [];
    const up = changed(codec, this.#how.up?.());
    const down = changed(codec, this.#how.down?.());
    const toServer = (data: Buffer, binary: boolean): void => {
      for (const bytes of up(data)) server.send(bytes, { binary }, () => undefined);
    };
    client.on("message", (data: Buffer, binary) => {
      if (server.readyState === WebSocket.CONNECTING) early.push([data, binary]);
      else toServer(data, binary);
    });
    server.on("open", () => {
      for (const [data, binary] of early.splice(0)) toServer(data, binary);
    });
    server.on("message", (data: Buffer, binary) => {
      for (const bytes of down(data)) client.send(bytes, { binary }, () => undefined);
    });
    server.on("close", (code) => {
      const told = this.#how.close?.(code) ?? code;
      if (told === 1006 || told === 1005) client.terminate();
      else client.close(told);
    });
    client.on("close", () => server.terminate());
    for (const socket of [client, server]) socket.on("error", () => undefined);
  }
}

/** Frames that nobody wants to change pass as they are, unreadable ones too. */
function changed(codec: Codec, change: Change | undefined): (data: Buffer) => readonly Uint8Array[] {
  if (change === undefined) return (data) => [data];
  return (data) => {
    const decoded = codec.decode(data);
    if (!decoded.ok || !isObject(decoded.value)) return [data];
    return change(decoded.value).map((frame) => Buffer.from(codec.encode(frame)));
  };
}

function isObject(value: PlainValue): value is PlainObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
