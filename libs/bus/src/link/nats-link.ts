// What the bus needs of a connection to NATS: one that comes back by itself, and says when it is gone.
import type { LinkState } from "@heliograph/core";

/** A message as it came: its header bytes, if it has any, stand at the front of `bytes`. Valid as long as it is kept. */
export interface Delivery {
  readonly subject: string;
  readonly reply: string;
  readonly bytes: Uint8Array;
  /** 0 for a message without headers. */
  readonly headerEnd: number;
}

export type Header = readonly [name: string, value: string];

export interface Subscription {
  /** Nothing is heard after the call. */
  end(): void;
}

/** What the connected server says of itself. */
export interface ServerFacts {
  readonly version: string;
  /** Bytes of the largest message. */
  readonly maxPayload: number;
  readonly jetStream: boolean;
}

/**
 * Subscriptions outlive the connection: they stand again before `up` is told. What is published while the link is
 * down is dropped: whoever must know asks again. What one caller publishes and subscribes keeps its order.
 */
export interface NatsLink {
  readonly state: LinkState;
  readonly server: ServerFacts | undefined;
  /** Listeners are told in the order in which they were added. */
  onState(listener: (state: LinkState) => void): () => void;
  /** Leaves at the end of the turn, with everything else. Never inside a socket's callback. */
  publish(subject: string, payload: Uint8Array, reply?: string): void;
  /** As `publish`, for callers that are at the end of a turn already: it leaves with the turn's one write. */
  publishNow(subject: string, payload: Uint8Array, reply: string, header?: Header): void;
  subscribe(subject: string, hear: (delivery: Delivery) => void): Subscription;
  close(): Promise<void>;
}
