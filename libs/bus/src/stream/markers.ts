// Proves that what is stored from now on comes live: by markers that were stored later and have come back.
import type { Clock, Timer } from "@heliograph/core";
import type { NatsLink, Subscription } from "../link/nats-link.ts";
import { readStoredFacts } from "./stored-headers.ts";
import { markerSubjects } from "./subjects.ts";

/** Milliseconds between two markers while anybody waits. */
const pause = 20;
/** Markers without return after which the stream itself is doubted. */
const doubtAfter = 25;

interface Waiting {
  /** Any marker with a higher number proves it. */
  readonly after: number;
  readonly proved: (seq: number) => void;
}

/**
 * A flush proves only that our own server knows of a subscription, not that the server of the stream's leader does:
 * of 300 rounds of following, flushing and appending on three servers 2 to 7 missed the live copy (measured). Servers
 * pass subscriptions and messages on in the order in which they came, so the leader has heard of every subscription
 * that was sent before a marker when it stores the marker.
 */
export class Markers {
  readonly #link: NatsLink;
  readonly #clock: Clock;
  readonly #suspect: () => void;
  readonly #subject: string;
  readonly #subscription: Subscription;
  #waiting: Waiting[] = [];
  #sent = 0;
  #sentAt = Number.NEGATIVE_INFINITY;
  #unanswered = 0;
  #timer: Timer | undefined;
  /** Of the last marker that came back; 0: none yet. */
  #latest = 0;
  #ended = false;

  constructor(shard: number, process: string, link: NatsLink, clock: Clock, suspect: () => void) {
    const subjects = markerSubjects(shard, process);
    this.#link = link;
    this.#clock = clock;
    this.#suspect = suspect;
    this.#subject = subjects.in;
    this.#subscription = link.subscribe(subjects.out, ({ bytes, headerEnd }) => {
      const facts = readStoredFacts(bytes, headerEnd);
      if (facts !== undefined && bytes.length - headerEnd === 4) this.#returned(numberIn(bytes, headerEnd), facts.seq);
    });
  }

  /** On which the markers are stored. */
  get subject(): string {
    return this.#subject;
  }

  /** Sequence of the last marker known to be stored; 0: none. */
  get latest(): number {
    return this.#latest;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Tells the sequence of a marker that was stored after the call and has come back. The callee is never told within the call. */
  prove(proved: (seq: number) => void): void {
    this.#waiting.push({ after: this.#sent, proved });
    this.#schedule();
  }

  /** The link is up again: what waited asks anew. */
  resume(): void {
    this.#unanswered = 0;
    if (this.#waiting.length > 0) this.#schedule();
  }

  end(): void {
    this.#ended = true;
    this.#waiting = [];
    this.#timer?.cancel();
    this.#subscription.end();
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#ended || this.#link.state === "down") return;
    const since = this.#clock.now() - this.#sentAt;
    // A clock that was set back must not hold anybody up.
    const wait = since >= 0 ? Math.max(0, pause - since) : 0;
    this.#timer = this.#clock.after(wait, () => {
      this.#timer = undefined;
      if (this.#waiting.length > 0) this.#send();
    });
  }

  #send(): void {
    if (this.#ended || this.#link.state === "down") return;
    this.#sent = (this.#sent + 1) >>> 0;
    this.#sentAt = this.#clock.now();
    this.#unanswered += 1;
    // Nobody acknowledges markers, so a stream that is gone shows only by their silence.
    if (this.#unanswered % doubtAfter === 0) this.#suspect();
    const payload = new Uint8Array(4);
    new DataView(payload.buffer).setUint32(0, this.#sent);
    this.#link.publish(this.#subject, payload);
    this.#schedule();
  }

  #returned(number: number, seq: number): void {
    this.#latest = seq;
    this.#unanswered = 0;
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ after }) => number <= after);
    for (const { after, proved } of waiting) if (number > after) proved(seq);
  }
}

function numberIn(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0);
}
