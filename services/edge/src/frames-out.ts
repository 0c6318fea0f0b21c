// What every client's connection does with its socket: frames in order, together when their time comes, and one close.
import type { Close } from "@heliograph/protocol";
import { closes } from "@heliograph/protocol";
import type { Socket } from "./socket/listener.ts";

/** A base and not a part: there is one connection for every client, and another object would be one more for each. */
export abstract class FramesOut {
  readonly #socket: Socket;
  /** What waits: most often one frame, which needs no list. */
  #first: Uint8Array | undefined;
  #more: Uint8Array[] | undefined;
  #open = true;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get open(): boolean {
    return this.#open;
  }

  /** As of now: bytes that even the kernel has no more room for. */
  get slow(): boolean {
    return this.#open && this.#socket.bufferedBytes > 0;
  }

  /** The socket is gone; nothing is sent any more. */
  ended(): void {
    this.#open = false;
    this.#first = undefined;
    this.#more = undefined;
  }

  protected get keepsFrames(): boolean {
    return this.#first !== undefined;
  }

  protected keep(frame: Uint8Array): void {
    if (this.#first === undefined) this.#first = frame;
    else if (this.#more === undefined) this.#more = [frame];
    else this.#more.push(frame);
  }

  protected sendKept(binary: boolean): void {
    const first = this.#first;
    const more = this.#more;
    if (first === undefined) return;
    this.#first = undefined;
    this.#more = undefined;
    if (more === undefined) this.#send(first, binary);
    else this.#socket.cork(() => this.#send(first, binary) && more.every((frame) => this.#send(frame, binary)));
  }

  /** What waits is not sent any more. */
  protected shut(why: Close): void {
    this.#open = false;
    const { code, says } = closes[why];
    this.#socket.close(code, says);
  }

  /** False: the client reads too slowly. A stream with a hole is worth nothing, so it begins again and gets everything. */
  #send(frame: Uint8Array, binary: boolean): boolean {
    if (this.#socket.send(frame, binary) !== "dropped") return true;
    this.shut("slow_consumer");
    return false;
  }
}
