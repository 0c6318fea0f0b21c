// NatsLink over one connection at a time: dials, subscribes again, and drops what no longer answers.
import type { Codec } from "@heliograph/codec";
import type { Clock, LinkState, Random, Timer } from "@heliograph/core";
import { Listeners } from "@heliograph/core";
import type { BusOptions } from "../options.ts";
import type { Connection, ConnectionHost } from "./connection.ts";
import { dial, refusalOf } from "./dial.ts";
import type { Delivery, Header, NatsLink, ServerFacts, Subscription } from "./nats-link.ts";

/** Milliseconds between two pings; one that is not answered by the next but one means a dead connection. */
const pingEvery = 2000;
/**
 * Bytes that may be under way to the server and not known to have come there. A connection that stands still, until its
 * pings show it, takes everything and sends nothing, and what waits for an answer is sent again meanwhile.
 */
const mostUnproven = 32 << 20;
/** Milliseconds between attempts: the first, and the most they double to. */
const backOff = [50, 1000] as const;

export interface LinkPorts {
  /** For what the server says of itself. */
  readonly json: Codec;
  readonly clock: Clock;
  readonly random: Random;
  /** What the servers refuse, and other trouble worth a line. */
  fault(where: string, error: unknown): void;
  /** The servers do not permit it: `publish to …` or `subscription to …`. */
  denied(what: string): void;
}

/** `Permissions Violation for Publish to "hg.n.beat"`: the words of the server for a subject that it does not let us use. */
const violation = /^permissions violation for (publish|subscription) to "([^"]*)"/i;

/** One subject, on whichever connection there is. */
interface Listening {
  readonly sid: number;
  readonly subject: string;
  readonly hear: (delivery: Delivery) => void;
  /** The connection on which the server knows of it. */
  on: Connection | undefined;
}

export class Link implements NatsLink {
  readonly #options: BusOptions;
  readonly #ports: LinkPorts;
  readonly #listeners = new Listeners<LinkState>();
  readonly #listening = new Map<number, Listening>();
  #sids = 0;
  #connection: Connection | undefined;
  #server: ServerFacts | undefined;
  #outgoing: (() => void)[] = [];
  #unproven = 0;
  #proving = false;
  #pinging: Timer | undefined;
  #failures = 0;
  #dialling: Promise<void> | undefined;
  /** Whose turn it is among the servers. */
  #next: number;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(options: BusOptions, ports: LinkPorts) {
    this.#options = options;
    this.#ports = ports;
    // Nodes begin at different servers, or the first one would carry them all.
    this.#next = Math.floor(ports.random.fraction() * options.servers.length);
  }

  get state(): LinkState {
    return this.#connection === undefined ? "down" : "up";
  }

  get server(): ServerFacts | undefined {
    return this.#server;
  }

  onState(listener: (state: LinkState) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** One attempt at each server, from the next one on. Rejects with what went wrong at the last, which the library words. */
  dial(): Promise<void> {
    if (this.#connection !== undefined) return Promise.resolve();
    // Whoever opens the bus and whoever mends the link may ask at once: one of them would win a connection nobody closes.
    this.#dialling ??= this.#dialOnce().finally(() => {
      this.#dialling = undefined;
    });
    return this.#dialling;
  }

  async #dialOnce(): Promise<void> {
    const { servers } = this.#options;
    let failure: unknown;
    for (let tries = 0; tries < servers.length && !this.#closed; tries += 1) {
      const server = servers[this.#next % servers.length] ?? "";
      this.#next += 1;
      try {
        await this.#dialAt(server);
        return;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  async #dialAt(server: string): Promise<void> {
    let lost: Error | undefined;
    const host: ConnectionHost = {
      message: (sid, delivery) => this.#heard(sid, delivery),
      refused: (says) => this.#refused(says),
      lost: (why) => {
        lost = why ?? new Error(`${server} closed the connection`);
        this.#lost(connection);
      },
    };
    let connection: Connection | undefined;
    connection = await dial(server, this.#options, this.#ports, host);
    if (this.#closed) connection.close();
    else if (connection.open) this.#takeOver(connection);
    else throw lost ?? new Error(`${server} closed the connection`);
  }

  /** Attempts until it stands, or the link is closed. */
  async dialUntilUp(): Promise<void> {
    let told = false;
    while (!this.#closed && this.#connection === undefined) {
      try {
        await this.dial();
      } catch (error) {
        if (!told) this.#ports.fault("nats connection", error);
        told = true;
        await this.#pause();
      }
    }
  }

  publish(subject: string, payload: Uint8Array, reply?: string): void {
    this.#later(() => this.#send(subject, payload, reply));
  }

  publishNow(subject: string, payload: Uint8Array, reply: string, header?: Header): void {
    this.#send(subject, payload, reply, header);
  }

  subscribe(subject: string, hear: (delivery: Delivery) => void): Subscription {
    this.#sids += 1;
    const sid = this.#sids;
    const listening: Listening = { sid, subject, hear, on: undefined };
    this.#listening.set(sid, listening);
    this.#later(() => {
      if (this.#connection !== undefined && this.#listening.has(sid)) stand(listening, this.#connection);
    });
    return {
      end: () => {
        this.#listening.delete(sid);
        this.#later(() => {
          if (listening.on !== undefined && listening.on === this.#connection) listening.on.unsubscribe(sid);
        });
      },
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake?.();
    this.#flush();
    const connection = this.#connection;
    this.#connection = undefined;
    this.#pinging?.cancel();
    this.#listening.clear();
    this.#listeners.clear();
    connection?.close();
  }

  /** How many subjects are listened to. */
  get size(): number {
    return this.#listening.size;
  }

  /** Kept in order with everything else that waits for the end of the turn. */
  #later(send: () => void): void {
    this.#outgoing.push(send);
    if (this.#outgoing.length === 1) this.#ports.clock.endOfTurn(this.#flush);
  }

  readonly #flush = (): void => {
    const outgoing = this.#outgoing;
    this.#outgoing = [];
    for (const send of outgoing) send();
  };

  #send(subject: string, payload: Uint8Array, reply?: string, header?: Header): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    if (this.#unproven > mostUnproven / 2) this.#prove(connection);
    // Nothing here is promised to arrive: whoever needs that sends it again.
    if (this.#unproven > mostUnproven) return;
    // The server would end the connection for it.
    if (payload.length > connection.server.maxPayload) {
      this.#ports.fault(`nats ${subject}`, new Error(`${payload.length} bytes are more than the server takes`));
      return;
    }
    this.#unproven += payload.length;
    connection.publish(subject, payload, reply, header);
  }

  /** What was sent before the question has come when it is answered. */
  #prove(connection: Connection): void {
    if (this.#proving) return;
    this.#proving = true;
    const sent = this.#unproven;
    connection.ping(() => {
      this.#unproven -= sent;
      this.#proving = false;
    });
  }

  #takeOver(connection: Connection): void {
    this.#failures = 0;
    this.#unproven = 0;
    this.#proving = false;
    this.#connection = connection;
    this.#server = connection.server;
    for (const listening of this.#listening.values()) stand(listening, connection);
    this.#ping(connection);
    this.#tell("up");
  }

  /** Whoever hears should not throw: every room of this node would fall silent for the fault of one. */
  #heard(sid: number, delivery: Delivery): void {
    const listening = this.#listening.get(sid);
    try {
      listening?.hear(delivery);
    } catch (error) {
      this.#ports.fault(`nats ${listening?.subject}`, error);
    }
  }

  /** Refusals of single subjects come as words, not as the end of the connection. */
  #refused(says: string): void {
    const [, what, subject] = violation.exec(says) ?? [];
    if (what !== undefined) this.#ports.denied(`${what.toLowerCase()} ${subject}`);
    this.#ports.fault("nats server", refusalOf(says));
  }

  #ping(connection: Connection): void {
    let unanswered = 0;
    const again = (): void => {
      this.#pinging = this.#ports.clock.after(pingEvery, () => {
        if (this.#connection !== connection) return;
        if (unanswered >= 2) {
          // After a pause of our own the answer may wait in the socket, to be read in this turn.
          this.#ports.clock.endOfTurn(() => {
            if (unanswered >= 2) this.#lost(connection);
            else if (this.#connection === connection) again();
          });
          return;
        }
        unanswered += 1;
        connection.ping(() => {
          unanswered = 0;
        });
        again();
      });
    };
    again();
  }

  #lost(connection: Connection | undefined): void {
    if (connection === undefined || this.#connection !== connection) return;
    this.#connection = undefined;
    this.#pinging?.cancel();
    // Not waited for: on a dead network its end may take its time.
    connection.drop();
    this.#tell("down");
    void this.dialUntilUp();
  }

  #tell(state: LinkState): void {
    this.#listeners.tell(state);
  }

  /** With jitter, so that all nodes of a cluster do not come back at once. */
  #pause(): Promise<void> {
    const [first, most] = backOff;
    const longest = Math.min(first * 2 ** Math.min(this.#failures, 16), most);
    this.#failures += 1;
    return new Promise((resolve) => {
      const over = (): void => {
        timer.cancel();
        this.#wake = undefined;
        resolve();
      };
      const timer = this.#ports.clock.after(longest * (0.5 + this.#ports.random.fraction() / 2), over);
      this.#wake = over;
    });
  }
}

/** Ended, or already on a newer connection, by the end of the turn: nothing is asked twice. */
function stand(listening: Listening, connection: Connection): void {
  if (listening.on === connection) return;
  listening.on = connection;
  connection.subscribe(listening.sid, listening.subject);
}
