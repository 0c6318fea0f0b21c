// The way back to one Spreed client: frames in order, sent together at the end of the turn.
import type { Close } from "@heliograph/protocol";
import { closes } from "@heliograph/protocol";
import type { Outbound } from "../../outbound.ts";
import type { Socket } from "../../socket/listener.ts";

export class Line {
  readonly #socket: Socket;
  readonly #outbound: Outbound;
  #first: Uint8Array | undefined;
  #more: Uint8Array[] | undefined;
  #due = false;
  #open = true;

  constructor(socket: Socket, outbound: Outbound) {
    this.#socket = socket;
    this.#outbound = outbound;
  }

  get open(): boolean {
    return this.#open;
  }

  /** As of now: bytes that even the kernel has no more room for. */
  get slow(): boolean {
    return this.#open && this.#socket.bufferedBytes > 0;
  }

  send(frame: Uint8Array): void {
    if (!this.#open) return;
    if (this.#first === undefined) this.#first = frame;
    else if (this.#more === undefined) this.#more = [frame];
    else this.#more.push(frame);
    if (this.#due) return;
    this.#due = true;
    this.#outbound.due(this);
  }

  /** There are no answers here that wait for company: all of it leaves. */
  flush(): true {
    this.#due = false;
    const first = this.#first;
    const more = this.#more;
    this.#first = undefined;
    this.#more = undefined;
    if (!this.#open || first === undefined) return true;
    if (more === undefined) this.#write(first);
    else this.#socket.cork(() => this.#write(first) && more.every((frame) => this.#write(frame)));
    return true;
  }

  /** What was sent before leaves first. The dialect has no word for why: its clients come back, whatever the code says. */
  close(why: Close): void {
    if (!this.#open) return;
    this.flush();
    if (!this.#open) return;
    this.#open = false;
    const { code, says } = closes[why];
    this.#socket.close(code, says);
  }

  /** The socket is gone; nothing is sent any more. */
  ended(): void {
    this.#open = false;
    this.#first = undefined;
    this.#more = undefined;
  }

  /** False: the client reads too slowly, and a stream with a hole is worth nothing. */
  #write(frame: Uint8Array): boolean {
    if (this.#socket.send(frame, false) !== "dropped") return true;
    this.#open = false;
    const { code, says } = closes.slow_consumer;
    this.#socket.close(code, says);
    return false;
  }
}
