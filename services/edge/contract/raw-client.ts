// A WebSocket client made of nothing but TCP, so that a test may break every rule.

import { once } from "node:events";
import type { Socket } from "node:net";
import { connect } from "node:net";

export const opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface FrameOptions {
  readonly final?: boolean;
  readonly masked?: boolean;
  readonly reservedBits?: number;
  /** What the header says, if it lies. */
  readonly length?: number;
}

export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
}

export class RawClient {
  readonly socket: Socket;
  /** Resolves when the connection is over, however it ended. */
  readonly gone: Promise<void>;
  #received = Buffer.alloc(0);
  #waiting: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.gone = new Promise((resolve) => {
      socket.on("close", () => resolve());
    });
    // A reset is one of the things under test.
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#waiting?.();
    });
    socket.on("close", () => this.#waiting?.());
  }

  static async connect(port: number, host = "127.0.0.1"): Promise<RawClient> {
    const socket = connect(port, host);
    await once(socket, "connect");
    return new RawClient(socket);
  }

  /** Connects and goes through the opening handshake. */
  static async open(port: number, path: string): Promise<RawClient> {
    const client = await RawClient.connect(port);
    client.write(handshake(path));
    await client.head();
    return client;
  }

  write(data: string | Uint8Array): void {
    this.socket.write(data);
  }

  send(code: number, payload: string | Uint8Array, options: FrameOptions = {}): void {
    this.write(frame(code, payload, options));
  }

  /** The next HTTP head, without its closing empty line. */
  async head(): Promise<string> {
    const end = await this.#until(() => {
      const at = this.#received.indexOf("\r\n\r\n");
      return at < 0 ? undefined : at;
    });
    return this.#take(end + 4).toString("latin1", 0, end);
  }

  async bytes(length: number): Promise<Buffer> {
    await this.#until(() => (this.#received.length < length ? undefined : length));
    return this.#take(length);
  }

  /** The next frame of the server. */
  async frame(): Promise<Frame> {
    const [first = 0, second = 0] = await this.bytes(2);
    let length = second & 0x7f;
    if (length === 126) length = (await this.bytes(2)).readUInt16BE();
    else if (length === 127) length = Number((await this.bytes(8)).readBigUInt64BE());
    return { opcode: first & 0x0f, payload: await this.bytes(length) };
  }

  async #until<T>(ready: () => T | undefined): Promise<T> {
    for (;;) {
      const result = ready();
      if (result !== undefined) return result;
      if (this.socket.destroyed) throw new Error("the connection ended before the server had sent it");
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }

  #take(length: number): Buffer {
    const taken = this.#received.subarray(0, length);
    this.#received = this.#received.subarray(length);
    return taken;
  }
}

export function handshake(
  path: string,
  changes: Readonly<Record<string, string | undefined>> = {},
  method = "GET",
): string {
  const headers = {
    Host: "localhost",
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    ...changes,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  return [`${method} ${path} HTTP/1.1`, ...lines, "", ""].join("\r\n");
}

export function frame(code: number, payload: string | Uint8Array, options: FrameOptions = {}): Buffer {
  const { final = true, masked = true, reservedBits = 0 } = options;
  const body = Buffer.from(payload);
  const length = options.length ?? body.length;
  const flag = masked ? 0x80 : 0;
  const first = (final ? 0x80 : 0) | (reservedBits << 4) | code;
  const head =
    length < 126
      ? Buffer.of(first, flag | length)
      : length < 65_536
        ? Buffer.of(first, flag | 126, length >> 8, length & 0xff)
        : Buffer.concat([Buffer.of(first, flag | 127), eightBytes(length)]);
  if (!masked) return Buffer.concat([head, body]);
  const mask = Buffer.of(0x37, 0xfa, 0x21, 0x3d);
  for (const [at, byte] of body.entries()) body[at] = byte ^ (mask[at & 3] ?? 0);
  return Buffer.concat([head, mask, body]);
}

function eightBytes(length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(length));
  return bytes;
}
