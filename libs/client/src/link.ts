// Keeps one connection that speaks: opens it, opens it again, and moves it to another node before the old one goes.

import { closeOf, closes } from "@heliograph/protocol";
import type { ClientFrame, ServerFrame, WelcomeFrame } from "@heliograph/protocol/schema";
import { Backoff } from "./backoff.ts";
import type { ClientCodec } from "./client-codec.ts";
import type { ConnectionOwner, Ended } from "./connection.ts";
import { Connection } from "./connection.ts";
import { ConnectionOver, Refusal } from "./failure.ts";
import type { Clock, PageEvents, Random, SocketConstructor } from "./surroundings.ts";

/**
 * A connection that lasted this long ends the back-off. Longer, and whoever is cut every few seconds by one death after
 * another would wait as if nobody had served it in between: up to 12 s, seen where a node died every 10 s.
 */
const stable = 3_000;
/** A handover that has not ended by then is taken as done; the old connection only costs. */
const handover = 10_000;
/** Ours, towards the server: this connection has been replaced by our own. */
const moved = 4000;

export type LinkState = "idle" | "connecting" | "open" | "reconnecting" | "closed";

export interface LinkOwner {
  /** The first frame of the next connection, made after its attempt was counted and kept. */
  greeting(attempt: number): ClientFrame;
  /** The highest attempt given to any connection. */
  attempt(): number;
  raise(): number;
  welcomed(connection: Connection, welcome: WelcomeFrame): void;
  received(connection: Connection, frame: ServerFrame): void;
  /** Nothing can be said at present. */
  lost(): void;
  /** The session is over: forget it; a fresh one is begun. */
  expired(): void;
  /** The link is closed for good; nothing is tried any more. */
  over(why: "taken_over" | "refused", error: Error): void;
  state(state: LinkState): void;
  failed(error: unknown, where: string): void;
}

export interface LinkParts {
  readonly urls: readonly string[];
  readonly socket: SocketConstructor;
  readonly codec: ClientCodec;
  readonly clock: Clock;
  readonly random: Random;
  readonly page: PageEvents | undefined;
}

export class Link implements ConnectionOwner {
  readonly #parts: LinkParts;
  readonly #owner: LinkOwner;
  readonly #backoff: Backoff;
  #state: LinkState = "idle";
  #speaking: Connection | undefined;
  /** Spoke until now and still delivers, until the rooms have been resumed on its successor. */
  #former: Connection | undefined;
  #trying: Connection | undefined;
  #url = 0;
  #stopRetry: (() => void) | undefined;
  #stopStable: (() => void) | undefined;
  #stopHandover: (() => void) | undefined;
  readonly #online = () => this.#hint();

  constructor(parts: LinkParts, owner: LinkOwner) {
    this.#parts = parts;
    this.#owner = owner;
    this.#backoff = new Backoff(parts.random);
  }

  get state(): LinkState {
    return this.#state;
  }

  /** The connection to speak on. */
  get speaking(): Connection | undefined {
    return this.#speaking;
  }

  start(): void {
    if (this.#state !== "idle" && this.#state !== "closed") return;
    this.#parts.page?.addEventListener("online", this.#online);
    this.#backoff.reset();
    this.#move("connecting");
    this.#try();
  }

  /** Says bye and closes; the session ends with it. */
  stop(): void {
    this.#speaking?.send({ type: "bye" });
    this.#halt(1000);
  }

  /** Speak elsewhere, within so many milliseconds where that is said; this connection goes on until then. */
  leaveNode(within = Number.POSITIVE_INFINITY): void {
    if (this.#trying !== undefined || this.#stopRetry !== undefined) return;
    this.#retry(Math.min(this.#backoff.next(), within / 2));
  }

  /** Speak elsewhere at some time within so many milliseconds: nothing is lost here, and a crowd need not come at once. */
  drift(within: number): void {
    if (this.#trying !== undefined || this.#stopRetry !== undefined) return;
    this.#retry(Math.floor(this.#parts.random() * within));
  }

  /** All is well again: a move that has not begun is called off, and those that failed say nothing any more. */
  stay(): void {
    if (this.#speaking === undefined) return;
    this.#stopRetry?.();
    this.#stopRetry = undefined;
    this.#backoff.reset();
  }

  /** Every room is heard on the speaking connection: the former one may go. */
  settled(): void {
    this.#stopHandover?.();
    this.#former?.drop(moved);
    this.#former = undefined;
  }

  welcomed(connection: Connection, welcome: WelcomeFrame): void {
    this.#trying = undefined;
    this.#former?.drop(moved);
    this.#former = this.#speaking;
    this.#speaking = connection;
    this.#stopStable?.();
    this.#stopStable = this.#parts.clock.after(stable, () => this.#backoff.reset());
    this.#stopHandover?.();
    this.#stopHandover = this.#parts.clock.after(handover, () => this.settled());
    this.#owner.welcomed(connection, welcome);
    this.#move("open");
  }

  received(connection: Connection, frame: ServerFrame): void {
    this.#owner.received(connection, frame);
  }

  failed(error: unknown, where: string): void {
    this.#owner.failed(error, where);
  }

  ended(connection: Connection, ended: Ended): void {
    if (connection === this.#former) {
      this.#former = undefined;
      return;
    }
    const spoke = connection === this.#speaking;
    if (spoke) {
      this.#speaking = undefined;
      this.#stopStable?.();
      this.#owner.lost();
      this.#move("reconnecting");
    } else {
      this.#trying = undefined;
    }
    this.#goOn(connection, ended, spoke);
  }

  #goOn(connection: Connection, ended: Ended, spoke: boolean): void {
    const what = judge(connection, ended, spoke);
    // Our own newer attempt may have reached the cluster and lost its socket since: then it is ours to go on from there.
    const ours = what === "taken_over" && this.#owner.attempt() > connection.attempt;
    if (what === "resume" || ours) {
      if (ended.fault !== undefined) this.#owner.failed(ended.fault, "connect");
      // A move that fails leaves the speaking connection as it is.
      if (this.#trying === undefined && this.#stopRetry === undefined) {
        this.#retry(this.#backoff.next(ended.refusal?.retryIn));
      }
    } else if (what === "hello") {
      this.#dropAll();
      this.#owner.lost();
      this.#owner.expired();
      this.#move("reconnecting");
      this.#retry(this.#backoff.next());
    } else {
      this.#halt(moved);
      this.#owner.over(what === "taken_over" ? what : "refused", errorOf(what, ended));
    }
  }

  #try(): void {
    const url = this.#parts.urls[this.#url % this.#parts.urls.length];
    if (url === undefined) return;
    const attempt = this.#owner.raise();
    const { socket, codec, clock } = this.#parts;
    this.#trying = new Connection(
      { url, attempt, greeting: this.#owner.greeting(attempt), socket, codec, clock },
      this,
    );
  }

  #retry(delay: number): void {
    this.#stopRetry = this.#parts.clock.after(delay, () => {
      this.#stopRetry = undefined;
      this.#url += 1;
      this.#try();
    });
  }

  /** The browser says that there is a network: no reason to wait any longer, or to trust the old link. */
  #hint(): void {
    this.#speaking?.probe();
    if (this.#speaking !== undefined || this.#stopRetry === undefined) return;
    this.#stopRetry();
    this.#stopRetry = undefined;
    this.#try();
  }

  #halt(code: number): void {
    this.#parts.page?.removeEventListener("online", this.#online);
    this.#dropAll(code);
    this.#move("closed");
  }

  #dropAll(code = moved): void {
    this.#stopRetry?.();
    this.#stopRetry = undefined;
    this.#stopStable?.();
    this.#stopHandover?.();
    for (const connection of [this.#trying, this.#former, this.#speaking]) connection?.drop(code);
    this.#trying = undefined;
    this.#former = undefined;
    this.#speaking = undefined;
  }

  #move(state: LinkState): void {
    // Until the first welcome it is still the first connecting, however often it is tried.
    if (state === this.#state || (state === "reconnecting" && this.#state === "connecting")) return;
    this.#state = state;
    this.#owner.state(state);
  }
}

type Verdict = "resume" | "hello" | "stop" | "taken_over";

/** What follows from an end, by the table of close codes and by what the server said before it. */
function judge(connection: Connection, ended: Ended, spoke: boolean): Verdict {
  if (ended.fault !== undefined) return "stop";
  const reason = ended.refusal?.reason;
  if (reason === "superseded") return "taken_over";
  if (reason === "expired") return "hello";
  if (ended.refusal?.retry === true) return "resume";
  const close = closeOf(ended.code);
  if (close === "taken_over") return "taken_over";
  // Nobody said bye here: a proxy, or a server that stops, closed in the ordinary way.
  if (close === undefined || close === "normal") return "resume";
  const after = closes[close].after;
  // A resume token of another deployment, or of keys that are gone, must not lock its owner out for good.
  if (after === "stop" && !spoke && connection.greeting.type === "resume") return "hello";
  return after;
}

function errorOf(what: Verdict, ended: Ended): Error {
  if (ended.refusal !== undefined && what !== "taken_over") return new Refusal(ended.refusal.reason, ended.refusal);
  if (ended.fault !== undefined) return new ConnectionOver("This address cannot be opened.", undefined, ended.fault);
  if (what === "taken_over") return new ConnectionOver("Another client speaks for this session now.", ended.code);
  const close = closeOf(ended.code);
  return new ConnectionOver(close === undefined ? "The server closed." : closes[close].says, ended.code);
}
