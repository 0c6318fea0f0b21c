// One followed room: its subscription, the proof that it is known, and the chain that heals what live copies suffer.
import type { Clock, Follow, Follower, LinkState, Stored } from "@heliograph/core";
import { Chain } from "@heliograph/core";
import type { Position } from "@heliograph/protocol";
import type { Delivery, NatsLink, Subscription } from "../link/nats-link.ts";
import { readStoredFacts } from "../stream/stored-headers.ts";
import type { RoomSubjects } from "../stream/subjects.ts";
import type { Pace } from "./pace.ts";
import { PacedQueue } from "./pace.ts";
import type { Shard } from "./shard.ts";

/** What all follows of a stream share. */
export interface FollowPorts {
  readonly link: Pick<NatsLink, "state" | "subscribe">;
  readonly clock: Clock;
  readonly shard: {
    readonly markers: Pick<Shard["markers"], "prove">;
    readonly tails: Pick<Shard["tails"], "of">;
    readonly reads: Pick<Shard["reads"], "between">;
  };
  readonly pace: Pace;
  /** The entries of a live copy: decoded, or known since they are our own. */
  entriesOf(subject: string, payload: Uint8Array, seq: number, time: number): Stored["entries"];
  ended(follow: NatsFollow): void;
}

/** One object for all its parts: there is one in every hosted room. */
export class NatsFollow implements Follow, Follower {
  /** On which the room's entries are stored. */
  readonly subject: string;
  readonly proved: Promise<void>;
  readonly #ports: FollowPorts;
  readonly #follower: Follower;
  readonly #chain: Chain;
  readonly #subscription: Subscription;
  readonly #queue: PacedQueue;
  #prove: (() => void) | undefined;
  /** Counts the losses of the link: what was asked before one counts no more after it. */
  #links = 0;
  #over = false;
  /** Of the last copy that was left out since the chain was last told of one. */
  #leftOut: { readonly seq: number; readonly time: number } | undefined;

  constructor(subjects: RoomSubjects, follower: Follower, ports: FollowPorts) {
    this.subject = subjects.in;
    this.#ports = ports;
    this.#follower = follower;
    this.proved = new Promise((resolve) => {
      this.#prove = resolve;
    });
    const { shard, clock, link, pace } = ports;
    this.#queue = new PacedQueue(pace);
    this.#chain = new Chain(this, (after, upTo) => shard.reads.between(this.subject, after, upTo), clock);
    this.#subscription = link.subscribe(subjects.out, (delivery) => {
      if (!this.#queue.run(() => this.#hear(delivery), delivery.bytes.length)) this.#leaveOut(delivery);
    });
    if (link.state === "up") this.#seekProof(false);
  }

  stored(bundle: Stored): void {
    this.#follower.stored(bundle);
  }

  broken(why: "lost" | "reborn"): void {
    this.end();
    this.#follower.broken(why);
  }

  start(after: Position | undefined): void {
    this.#chain.start(after);
  }

  // A copy that has come and waits for its turn is not missing: it is mentioned when it has been heard.

  mention(seq: number): void {
    this.#queue.run(() => this.#chain.mention(seq));
  }

  landed(position: Position): void {
    this.#queue.run(() => this.#chain.mention(position.seq, position.time));
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#chain.end();
    this.#queue.end();
    this.#subscription.end();
    this.#ports.ended(this);
  }

  /** The link has been lost, or stands again with this follow's subscription on it. */
  turned(state: LinkState, outlived: boolean): void {
    this.#links += 1;
    if (state === "down") return this.#chain.parted();
    if (outlived) this.#chain.outlived();
    this.#chain.rejoined();
    if (!this.#over) this.#seekProof(true);
  }

  #hear({ bytes, headerEnd }: Delivery): void {
    const facts = readStoredFacts(bytes, headerEnd);
    if (facts === undefined || this.#over) return;
    const { seq, time, previous } = facts;
    const entries = this.#ports.entriesOf(this.subject, bytes.subarray(headerEnd), seq, time);
    // Told of its own bundle, the chain may have ended this follow.
    if (!this.#over) this.#chain.take({ seq, time, previous, entries });
  }

  /** Too much waits already: the chain hears that there was something when what waits before it is done, and reads it. */
  #leaveOut({ bytes, headerEnd }: Delivery): void {
    const facts = readStoredFacts(bytes, headerEnd);
    if (facts === undefined) return;
    const told = this.#leftOut !== undefined;
    this.#leftOut = facts;
    if (told) return;
    this.#queue.run(() => {
      const last = this.#leftOut;
      this.#leftOut = undefined;
      if (last !== undefined) this.#chain.mention(last.seq, last.time);
    });
  }

  #seekProof(again: boolean): void {
    const links = this.#links;
    this.#ports.shard.markers.prove(() => {
      if (this.#over || this.#links !== links) return;
      this.#prove?.();
      // A promise is kept once and resolved once: two functions less per room.
      this.#prove = undefined;
      if (again) void this.#chain.catchUp(() => this.#ports.shard.tails.of(this.subject));
    });
  }
}
