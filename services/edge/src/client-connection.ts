// One client's socket as core sees it: events in order, encoded in the client's format, sent at the end of the turn.
import type { Connection, Session } from "@heliograph/core";
import type { Close, Event } from "@heliograph/protocol";
import { closes } from "@heliograph/protocol";
import type { Format } from "./format.ts";
import type { Outbound } from "./outbound.ts";
import type { Socket } from "./socket/listener.ts";

type Ack = Extract<Event, { type: "ack" }>;

export class ClientConnection implements Connection {
  readonly format: Format;
  /** Whoever this connection speaks for, once it has said hello. */
  session: Session | undefined;
  /** Frames that followed no schema; too many of them are no mistake any more. */
  mistakes = 0;
  readonly #socket: Socket;
  readonly #outbound: Outbound;
  #frames: Uint8Array[] = [];
  #ack: Ack | undefined;
  #due = false;
  #open = true;

  constructor(socket: Socket, format: Format, outbound: Outbound) {
    this.#socket = socket;
    this.format = format;
    this.#outbound = outbound;
  }

  get open(): boolean {
    return this.#open;
  }

  deliver(event: Event): void {
    if (!this.#open) return;
    if (event.type === "ack") {
      const waiting = this.#ack;
      if (waiting !== undefined && waiting.room !== event.room) this.#frames.push(this.format.write(waiting));
      // Acks are cumulative: the later one of a room says what the earlier one said, unless it answers an older n
      // that came again.
      this.#ack = waiting?.room === event.room && waiting.n > event.n ? { ...event, n: waiting.n } : event;
    } else {
      this.#writeAck();
      this.#frames.push(this.format.write(event));
    }
    if (this.#due) return;
    this.#due = true;
    this.#outbound.due(this);
  }

  /** Sends what waits; false: an answer alone, which may wait a little longer unless `all`. */
  flush(all: boolean): boolean {
    if (!this.#open) return true;
    if (this.#frames.length === 0 && this.#ack !== undefined && !all) return false;
    this.#due = false;
    this.#writeAck();
    const frames = this.#frames;
    if (frames.length === 0) return true;
    this.#frames = [];
    if (frames.length === 1) this.#send(frames);
    else this.#socket.cork(() => this.#send(frames));
    return true;
  }

  /** Whatever was delivered before leaves first; then the socket is told why. */
  close(why: Close): void {
    if (!this.#open) return;
    this.flush(true);
    if (!this.#open) return;
    this.#open = false;
    const { code, says } = closes[why];
    this.#socket.close(code, says);
  }

  /** The socket is gone; nothing is sent any more. */
  ended(): void {
    this.#open = false;
    this.#frames = [];
    this.#ack = undefined;
  }

  #writeAck(): void {
    if (this.#ack === undefined) return;
    this.#frames.push(this.format.write(this.#ack));
    this.#ack = undefined;
  }

  #send(frames: readonly Uint8Array[]): void {
    const { binary } = this.format.codec;
    for (const frame of frames) {
      if (this.#socket.send(frame, binary) !== "dropped") continue;
      // A stream with a hole is worth nothing: the client resumes and gets everything.
      this.#open = false;
      const { code, says } = closes.slow_consumer;
      this.#socket.close(code, says);
      return;
    }
  }
}
