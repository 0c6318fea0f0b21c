// A WebSocket that says exactly what a test wants said, in JSON, and keeps every frame.
import WebSocket from "ws";
import { until } from "./until.ts";

type Frame = Readonly<Record<string, unknown>>;

export class PlainClient {
  readonly frames: Frame[] = [];
  readonly socket: WebSocket;
  #closed: number | undefined;

  constructor(url: string) {
    this.socket = new WebSocket(url, "heliograph.v1.json");
    this.socket.on("message", (data) => this.frames.push(JSON.parse(String(data))));
    this.socket.on("close", (code) => {
      this.#closed = code;
    });
    // What ends it is told by its close.
    this.socket.on("error", () => undefined);
  }

  static async open(url: string): Promise<PlainClient> {
    const client = new PlainClient(url);
    await until("the socket opens", () => client.socket.readyState === WebSocket.OPEN);
    return client;
  }

  /** Says hello and joins. */
  static async joined(url: string, room: string): Promise<PlainClient> {
    const client = await PlainClient.open(url);
    client.send({ type: "hello", attempt: 1 });
    client.send({ type: "join", n: 1, room });
    await client.next("joined");
    return client;
  }

  send(frame: Frame): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** The first frame of this type, once it is there. */
  async next(type: string): Promise<Frame> {
    const found = () => this.frames.find((frame) => frame["type"] === type);
    await until(`a frame ${type} arrives`, () => found() !== undefined);
    return found() ?? {};
  }

  /** The close code, once it is closed. */
  async closed(): Promise<number> {
    await until("the socket closes", () => this.#closed !== undefined);
    return this.#closed ?? 0;
  }
}
