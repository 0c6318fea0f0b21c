// Joins on their way: one per room, sent again on every connection until the server has decided.
import type { RefusedFrame, WireProfile } from "@heliograph/protocol/schema";
import { Backoff } from "./backoff.ts";
import type { Connection } from "./connection.ts";
import { Refusal } from "./failure.ts";
import type { Clock, Random } from "./surroundings.ts";

/** How a member presents itself. */
export type Profile = WireProfile;

export interface JoinOptions {
  readonly pin?: string;
  readonly profile?: Profile;
}

/** Reasons that pass by themselves. `full` and `too_many_guesses` are for a person to decide about. */
const passing: ReadonlySet<string> = new Set(["unavailable", "slow_down", "retry"]);
/** With back-off, about half a minute. */
const mostTries = 8;

interface Join {
  readonly options: JoinOptions;
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  readonly backoff: Backoff;
  tries: number;
  sent: { readonly on: Connection; readonly n: number } | undefined;
  /** Set while it waits to be sent again. */
  stopRetry: (() => void) | undefined;
  /** Why it was refused last. */
  refusedAs: string | undefined;
}

export class Joins {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #sending: (room: string, connection: Connection) => void;
  readonly #joins = new Map<string, Join>();
  #connection: Connection | undefined;

  /** `sending` is told before each join that leaves. */
  constructor(clock: Clock, random: Random, sending: (room: string, connection: Connection) => void) {
    this.#clock = clock;
    this.#random = random;
    this.#sending = sending;
  }

  /** A second join of a room that is being joined is the same join. */
  join(room: string, options: JoinOptions): Promise<void> {
    const known = this.#joins.get(room);
    if (known !== undefined) return known.promise;
    const { promise, resolve, reject } = deferred();
    const backoff = new Backoff(this.#random);
    const join: Join = {
      options,
      promise,
      resolve,
      reject,
      backoff,
      tries: 0,
      sent: undefined,
      stopRetry: undefined,
      refusedAs: undefined,
    };
    this.#joins.set(room, join);
    this.#send(room, join);
    return promise;
  }

  attach(connection: Connection): void {
    this.#connection = connection;
    for (const [room, join] of this.#joins) if (join.stopRetry === undefined) this.#send(room, join);
  }

  detach(): void {
    this.#connection = undefined;
  }

  joined(room: string): void {
    const join = this.#take(room);
    join?.resolve();
  }

  /** Returns false when the refusal is for no join. */
  refused(connection: Connection, frame: RefusedFrame): boolean {
    if (frame.room === undefined) return false;
    const room = frame.room;
    const join = this.#joins.get(room);
    if (join?.sent === undefined || join.sent.on !== connection || join.sent.n !== frame.n) return false;
    if (frame.reason === "superseded" && connection !== this.#connection) return true;
    join.sent = undefined;
    join.tries += 1;
    if (!passing.has(frame.reason) || join.tries >= mostTries) {
      this.#take(room);
      join.reject(new Refusal(frame.reason, frame));
      return true;
    }
    join.refusedAs = frame.reason;
    this.#sendIn(join.backoff.next(frame.retryIn), room, join);
    return true;
  }

  /** What the server could not decide it can now: asked again soon, not when a back-off grown long ends. */
  hurry(): void {
    for (const [room, join] of this.#joins) {
      if (join.stopRetry === undefined || join.refusedAs !== "unavailable") continue;
      join.tries = 0;
      join.backoff.reset();
      this.#sendIn(join.backoff.next(), room, join);
    }
  }

  abandon(error: Error): void {
    for (const room of [...this.#joins.keys()]) this.#take(room)?.reject(error);
  }

  #sendIn(delay: number, room: string, join: Join): void {
    join.stopRetry?.();
    join.stopRetry = this.#clock.after(delay, () => {
      join.stopRetry = undefined;
      this.#send(room, join);
    });
  }

  #send(room: string, join: Join): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    const n = connection.nextN();
    join.sent = { on: connection, n };
    const { pin, profile } = join.options;
    this.#sending(room, connection);
    const frame = {
      type: "join" as const,
      n,
      room,
      ...(pin === undefined ? {} : { pin }),
      ...(profile === undefined ? {} : { profile }),
    };
    try {
      const bytes = connection.encode(frame);
      if (bytes === undefined) this.#take(room)?.reject(new Refusal("too_large", { detail: "the frame" }));
      else connection.sendBytes(bytes);
    } catch (cause) {
      this.#take(room)?.reject(new TypeError("These options cannot be encoded.", { cause }));
    }
  }

  #take(room: string): Join | undefined {
    const join = this.#joins.get(room);
    join?.stopRetry?.();
    this.#joins.delete(room);
    return join;
  }
}

export interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export function deferred(): Deferred {
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  // Looked at or not, a rejection must not stop the program.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
