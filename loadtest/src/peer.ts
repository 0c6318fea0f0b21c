// A client of the bench: as little work per message as can be, so that the server is what is measured.
import WebSocket from "ws";
import type { Kind } from "./target.ts";

/** What comes before a body's own text in every frame of the bench, and what follows it. */
const bodyTail = '"}}';
/** Characters of a number at the head of each text: the sender's, or whatever else the scenario counts. */
export const numberLength = 5;

export class Peer {
  readonly socket: WebSocket;
  readonly kind: Kind;
  /** How others address it. */
  name = "";
  #n = 0;
  #textLength = 0;

  private constructor(kind: Kind, socket: WebSocket) {
    this.kind = kind;
    this.socket = socket;
  }

  /** Connected and, where there is such a thing, in the room. */
  static async open(kind: Kind, port: number, room: string, number: number): Promise<Peer> {
    const peer = new Peer(kind, kind === "relay" ? dial(port, `/?name=p${number}`) : dial(port, "/v1/socket"));
    await new Promise((resolve, reject) => {
      peer.socket.once("open", resolve);
      peer.socket.once("error", reject);
    });
    if (kind === "relay") peer.name = `p${number}`;
    else await peer.#enter(room);
    return peer;
  }

  async #enter(room: string): Promise<void> {
    this.socket.send('{"type":"hello","attempt":1}');
    this.name = (await this.#first("welcome"))["session"] ?? "";
    this.socket.send(`{"type":"join","n":1,"room":"${room}"}`);
    await this.#first("joined");
  }

  #first(type: string): Promise<Record<string, string>> {
    return new Promise((resolve, reject) => {
      const read = (data: WebSocket.RawData): void => {
        const frame: Record<string, string> = JSON.parse(String(data));
        if (frame["type"] === "refused") reject(new Error(`refused: ${frame["reason"]} ${frame["detail"] ?? ""}`));
        if (frame["type"] !== type) return;
        this.socket.off("message", read);
        resolve(frame);
      };
      this.socket.on("message", read);
    });
  }

  command(frame: string): void {
    this.#n += 1;
    this.socket.send(frame.replace("#", String(this.#n)));
  }

  signal(room: string, to: string, text: string, durable = true): void {
    this.#textLength = text.length;
    const body = `{"kind":"custom","value":"${text}"}`;
    if (this.kind === "relay") this.socket.send(`{"to":"${to}","body":${body}}`);
    else this.socket.send(`{"type":"signal",${this.#how(durable)},"room":"${room}","to":"${to}","body":${body}}`);
  }

  broadcast(room: string, text: string, durable = true): void {
    this.#textLength = text.length;
    const body = `{"kind":"custom","value":"${text}"}`;
    if (this.kind === "relay") this.socket.send(`{"body":${body}}`);
    else this.socket.send(`{"type":"broadcast",${this.#how(durable)},"room":"${room}","body":${body}}`);
  }

  #how(durable: boolean): string {
    if (!durable) return '"durable":false';
    this.#n += 1;
    return `"n":${this.#n}`;
  }

  /** Calls with the number at the head of every body of `length` characters that arrives. */
  onBody(length: number, heard: (number: number) => void): void {
    this.#textLength = length;
    this.socket.on("message", (data: Buffer) => {
      const start = data.length - bodyTail.length - this.#textLength;
      if (start < 0 || data[data.length - 3] !== 0x22 || data[start - 1] !== 0x22) return;
      heard(Number(data.toString("latin1", start, start + numberLength)));
    });
  }

  close(): void {
    this.socket.terminate();
  }
}

export function dial(port: number, path: string): WebSocket {
  const url = `ws://127.0.0.1:${port}${path}`;
  return path.startsWith("/v1/")
    ? new WebSocket(url, "heliograph.v1.json", { perMessageDeflate: false })
    : new WebSocket(url, { perMessageDeflate: false });
}

/** A text that begins with the number. */
export function numbered(number: number, length: number): string {
  return String(number).padStart(numberLength, "0").padEnd(length, "x");
}
