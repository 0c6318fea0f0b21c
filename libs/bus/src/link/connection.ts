// One connection to one NATS server, once both know each other; nothing of it outlives it.
import type { Socket } from "node:net";
import type { Delivery, Header, ServerFacts } from "./nats-link.ts";
import { Outbox } from "./outbox.ts";
import type { Hearer, ServerWords } from "./server-words.ts";

/** Told by a connection that has been opened. After `lost` nothing is told. */
export interface ConnectionHost {
  message(sid: number, delivery: Delivery): void;
  /** What the server says of a subject or of us; where that is the end, `lost` follows. */
  refused(says: string): void;
  /** It ended, by whichever side but `close`. */
  lost(why: Error | undefined): void;
}

export class Connection implements Hearer {
  readonly server: ServerFacts;
  readonly #socket: Socket;
  readonly #words: ServerWords;
  readonly #outbox = new Outbox();
  readonly #host: ConnectionHost;
  /** Questions for a sign of life, in order. */
  readonly #pings: (() => void)[] = [];
  #flushing = false;
  #open = true;

  /** Takes over a socket whose bytes go to `words`, in the callback that read the server's answer: no byte is lost. */
  constructor(socket: Socket, words: ServerWords, server: ServerFacts, host: ConnectionHost) {
    this.#socket = socket;
    this.#words = words;
    this.server = server;
    this.#host = host;
    words.tell(this);
    let why: Error | undefined;
    // Never taken off: a socket without one brings the process down when it fails late.
    socket.on("error", (error) => {
      why = error;
    });
    socket.on("close", () => this.#ended(why));
    socket.on("end", () => socket.destroy());
  }

  get open(): boolean {
    return this.#open;
  }

  publish(subject: string, payload: Uint8Array, reply?: string, header?: Header): void {
    this.#outbox.publish(subject, payload, reply, header);
    this.#soon();
  }

  subscribe(sid: number, subject: string): void {
    this.#outbox.say(`SUB ${subject} ${sid}`);
    this.#soon();
  }

  unsubscribe(sid: number): void {
    this.#outbox.say(`UNSUB ${sid}`);
    this.#soon();
  }

  /** `answered` is called once everything that was sent before has come to the server; never after the end. */
  ping(answered: () => void): void {
    this.#pings.push(answered);
    this.#outbox.say("PING");
    this.#soon();
  }

  /** Sends what waits, and goes without a word to the host. */
  close(): void {
    if (!this.#open) return;
    this.#send();
    this.#shut();
    // What has been written leaves; a network that takes nothing any more is not waited for.
    this.#socket.destroySoon();
  }

  /** As `close`, for a connection that no longer answers. */
  drop(): void {
    this.#shut();
    this.#socket.destroy();
  }

  // What the server says.

  message(sid: number, delivery: Delivery): void {
    if (this.#open) this.#host.message(sid, delivery);
  }

  /** Its cluster changed: we go by what is configured. */
  info(): void {}

  /** It asks for a sign of life of ours. */
  serverPing(): void {
    this.#outbox.say("PONG");
    this.#soon();
  }

  pong(): void {
    this.#pings.shift()?.();
  }

  refusal(says: string): void {
    if (this.#open) this.#host.refused(says);
  }

  /** All that is said in one go leaves in one write: after the callback that says it, before the loop goes on. */
  #soon(): void {
    if (this.#flushing || !this.#open) return;
    this.#flushing = true;
    void Promise.resolve().then(this.#send);
  }

  readonly #send = (): void => {
    this.#flushing = false;
    if (!this.#open) return;
    this.#outbox.send((bytes) => {
      this.#socket.write(bytes);
      return this.#socket.writableLength === 0;
    });
  };

  #ended(why: Error | undefined): void {
    if (!this.#open) return;
    this.#shut();
    this.#host.lost(why);
  }

  #shut(): void {
    this.#open = false;
    this.#words.end();
    this.#pings.length = 0;
  }
}
