// One client's socket as core sees it: events in order, encoded in the client's format, sent at the end of the turn.
import type { Connection, Session } from "@heliograph/core";
import type { Tellable } from "@heliograph/dialects";
import type { Close, Event } from "@heliograph/protocol";
import { closes } from "@heliograph/protocol";
import { type Format, UnreadableBody } from "./format.ts";
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
  /** What waits for the end of the turn: most often one frame, which needs no list. */
  #first: Uint8Array | undefined;
  #more: Uint8Array[] | undefined;
  #ack: Ack | undefined;
  /** Waits for the end of this turn. */
  #due = false;
  /** Its answer waits for company. */
  #lingers = false;
  #open = true;
  /** An event could not be encoded: the socket is closed at the end of the turn. */
  #broken = false;

  constructor(socket: Socket, format: Format, outbound: Outbound) {
    this.#socket = socket;
    this.format = format;
    this.#outbound = outbound;
  }

  get open(): boolean {
    return this.#open;
  }

  /** As of now: bytes that even the kernel has no more room for. */
  get slow(): boolean {
    return this.#open && this.#socket.bufferedBytes > 0;
  }

  deliver(event: Event): void {
    // Of a personal channel, which no client of such a dialect can ask for.
    if (!this.#open || event.type === "letter") return;
    if (event.type === "ack") {
      const waiting = this.#ack;
      if (waiting !== undefined && waiting.room !== event.room) this.#push(waiting);
      // Acks are cumulative: the later one of a room says what the earlier one said, unless it answers an older n
      // that came again.
      this.#ack = waiting?.room === event.room && waiting.n > event.n ? { ...event, n: waiting.n } : event;
    } else {
      this.#writeAck();
      this.#push(event);
      this.#lingers = false;
    }
    if (this.#due || this.#lingers) return;
    this.#due = true;
    this.#outbound.due(this);
  }

  /** Sends what waits; false: an answer alone, which may wait a little longer unless `all`. */
  flush(all: boolean): boolean {
    this.#due = false;
    if (this.#broken) this.#giveUp();
    if (!this.#open) return true;
    if (this.#first === undefined && this.#ack !== undefined && !all) {
      this.#lingers = true;
      return false;
    }
    this.#lingers = false;
    this.#writeAck();
    const first = this.#first;
    const more = this.#more;
    if (first === undefined) return true;
    this.#first = undefined;
    this.#more = undefined;
    if (more === undefined) this.#send(first);
    else this.#socket.cork(() => this.#send(first) && more.every((frame) => this.#send(frame)));
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
    this.#broken = false;
    this.#first = undefined;
    this.#more = undefined;
    this.#ack = undefined;
  }

  #keep(frame: Uint8Array): void {
    if (this.#first === undefined) this.#first = frame;
    else if (this.#more === undefined) this.#more = [frame];
    else this.#more.push(frame);
  }

  #writeAck(): void {
    if (this.#ack === undefined) return;
    this.#push(this.#ack);
    this.#ack = undefined;
  }

  #push(event: Tellable): void {
    if (this.#broken) return;
    try {
      this.#keep(this.format.write(event));
    } catch (error) {
      this.#outbound.failed(error);
      // It would be the same at every resume: its readers would come and go until their stays are over. They go without.
      if (error instanceof UnreadableBody) return;
      // Core is telling a room, and the others in it must hear: nothing is thrown, and nothing closed before it is done.
      this.#broken = true;
    }
  }

  /** A stream with a hole is worth nothing; what came before it leaves. */
  #giveUp(): void {
    this.#broken = false;
    this.#ack = undefined;
    this.close("broken");
  }

  /** False: the client reads too slowly. A stream with a hole is worth nothing, so it resumes and gets everything. */
  #send(frame: Uint8Array): boolean {
    if (this.#socket.send(frame, this.format.codec.binary) !== "dropped") return true;
    this.#open = false;
    const { code, says } = closes.slow_consumer;
    this.#socket.close(code, says);
    return false;
  }
}
