// NatsLink over the NATS library: dials, subscribes again, and drops what no longer answers.
import type { Clock, LinkState, Random, Timer } from "@heliograph/core";
import type { MsgHdrs, NatsConnection } from "@nats-io/transport-node";
import { connect, errors, headers } from "@nats-io/transport-node";
import type { BusOptions } from "../options.ts";
import { connectionOptions } from "./connection-options.ts";
import { LinkSubscription } from "./link-subscription.ts";
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
  readonly clock: Clock;
  readonly random: Random;
  /** What the servers refuse, and other trouble worth a line. */
  fault(where: string, error: unknown): void;
  /** The servers do not permit it: `publish to …` or `subscription to …`. */
  denied(what: string): void;
}

/**
 * The library's own reconnecting is not used: when a half-open connection is found by its pings, it first waits for a
 * write to end that never will, and what it buffers while it is down is neither sent nor reported.
 */
export class LibraryLink implements NatsLink {
  readonly #options: BusOptions;
  readonly #ports: LinkPorts;
  readonly #listeners = new Set<(state: LinkState) => void>();
  readonly #subscriptions = new Set<LinkSubscription>();
  #connection: NatsConnection | undefined;
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
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
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
        const connection = await connect(await connectionOptions(this.#options, server));
        if (this.#closed) void connection.close().catch(() => undefined);
        else this.#takeOver(connection);
        return;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
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
    const subscription = new LinkSubscription(subject, hear, (error) => this.#ports.fault(`nats ${subject}`, error));
    this.#subscriptions.add(subscription);
    this.#later(() => {
      if (this.#connection !== undefined) subscription.standOn(this.#connection);
    });
    return {
      end: () => {
        this.#subscriptions.delete(subscription);
        subscription.end();
        this.#later(() => subscription.leave());
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
    for (const subscription of this.#subscriptions) subscription.end();
    this.#subscriptions.clear();
    this.#listeners.clear();
    await connection?.close().catch(() => undefined);
  }

  /** How many subjects are listened to. */
  get size(): number {
    return this.#subscriptions.size;
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
    this.#unproven += payload.length;
    try {
      if (reply === undefined) connection.publish(subject, payload);
      else if (header === undefined) connection.publish(subject, payload, { reply });
      else connection.publish(subject, payload, { reply, headers: headersOf(header) });
    } catch (error) {
      // Closed a moment ago, or larger than the server takes: either way it was not sent.
      this.#ports.fault(`nats ${subject}`, error);
    }
  }

  /** What was sent before the question has come when it is answered. */
  #prove(connection: NatsConnection): void {
    if (this.#proving) return;
    this.#proving = true;
    const sent = this.#unproven;
    const over = (come: number): void => {
      if (this.#connection !== connection) return;
      this.#unproven -= come;
      this.#proving = false;
    };
    connection.flush().then(
      () => over(sent),
      () => over(0),
    );
  }

  #takeOver(connection: NatsConnection): void {
    this.#failures = 0;
    this.#unproven = 0;
    this.#proving = false;
    this.#connection = connection;
    const { info } = connection;
    if (info !== undefined) {
      this.#server = { version: info.version, maxPayload: info.max_payload, jetStream: info.jetstream === true };
    }
    for (const subscription of this.#subscriptions) subscription.standOn(connection);
    void connection.closed().then(() => this.#lost(connection));
    void this.#watch(connection);
    this.#ping(connection);
    this.#tell("up");
  }

  /** Refusals of single subjects come as words, not as the end of the connection. */
  async #watch(connection: NatsConnection): Promise<void> {
    try {
      for await (const status of connection.status()) {
        if (status.type === "error") this.#refused(status.error);
      }
    } catch (error) {
      this.#ports.fault("nats status", error);
    }
  }

  #refused(error: Error): void {
    if (error instanceof errors.PermissionViolationError) this.#ports.denied(`${error.operation} ${error.subject}`);
    this.#ports.fault("nats server", error);
  }

  #ping(connection: NatsConnection): void {
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
        connection.flush().then(
          () => {
            unanswered = 0;
          },
          // The end of the connection is told by its own promise.
          () => undefined,
        );
        again();
      });
    };
    again();
  }

  #lost(connection: NatsConnection): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#pinging?.cancel();
    for (const subscription of this.#subscriptions) subscription.fall();
    // Not awaited: on a dead network the end of it may take its time.
    connection.close().catch(() => undefined);
    this.#tell("down");
    void this.dialUntilUp();
  }

  #tell(state: LinkState): void {
    for (const listener of [...this.#listeners]) listener(state);
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

function headersOf([name, value]: Header): MsgHdrs {
  const written = headers();
  written.set(name, value);
  return written;
}
