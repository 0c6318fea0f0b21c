// One client's socket as core sees it: events in order, encoded in the client's format, sent at the end of the turn.
import type { Connection, Session } from "@heliograph/core";
import type { Tellable } from "@heliograph/dialects";
import type { Close, Event } from "@heliograph/protocol";
import { type Format, UnreadableBody } from "./format.ts";
import { FramesOut } from "./frames-out.ts";
import type { Outbound } from "./outbound.ts";
import type { Socket } from "./socket/listener.ts";

type Ack = Extract<Event, { type: "ack" }>;

export class ClientConnection extends FramesOut implements Connection {
  readonly format: Format;
  /** Whoever this connection speaks for, once it has said hello. */
  session: Session | undefined;
  /** Frames that followed no schema; too many of them are no mistake any more. */
  mistakes = 0;
  readonly #outbound: Outbound;
  #ack: Ack | undefined;
  /** Waits for the end of this turn. */
  #due = false;
  /** Its answer waits for company. */
  #lingers = false;
  /** An event could not be encoded: the socket is closed at the end of the turn. */
  #broken = false;

  constructor(socket: Socket, format: Format, outbound: Outbound) {
    super(socket);
    this.format = format;
    this.#outbound = outbound;
  }

  deliver(event: Event): void {
    // Of a personal channel, which no client of such a dialect can ask for.
    if (!this.open || event.type === "letter") return;
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
    if (!this.open) return true;
    if (!this.keepsFrames && this.#ack !== undefined && !all) {
      this.#lingers = true;
      return false;
    }
    this.#lingers = false;
    this.#writeAck();
    this.sendKept(this.format.codec.binary);
    return true;
  }

  /** Whatever was delivered before leaves first; then the socket is told why. */
  close(why: Close): void {
    if (this.open) this.flush(true);
    if (this.open) this.shut(why);
  }

  override ended(): void {
    super.ended();
    this.#broken = false;
    this.#ack = undefined;
  }

  #writeAck(): void {
    if (this.#ack === undefined) return;
    this.#push(this.#ack);
    this.#ack = undefined;
  }

  #push(event: Tellable): void {
    if (this.#broken) return;
    try {
      this.keep(this.format.write(event));
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
}
