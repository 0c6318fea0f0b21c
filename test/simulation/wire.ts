// One connection between a simulated client and a node: in order, late, and cut at any moment with what is under way.
import type { Connection, Origin, Session } from "@heliograph/core";
import type { VirtualClock } from "@heliograph/core/memory";
import type { Close, Command, Event, RoomName } from "@heliograph/protocol";
import { parseRealm } from "@heliograph/protocol";
import type { Dice } from "./dice.ts";
import type { Edge } from "./house.ts";

export interface WireEnd {
  heard(wire: Wire, event: Event): void;
  /** `cut`: without a word, as far as this end can tell. */
  closed(wire: Wire, why: Close | "cut"): void;
}

/** One direction: first in, first out, each after its latency. */
class Lane<T> {
  readonly #clock: VirtualClock;
  readonly #arrive: (item: T) => void;
  #queue: { readonly due: number; readonly item: T }[] = [];
  #armed = false;
  #over = false;
  #heldUntil = 0;

  constructor(clock: VirtualClock, arrive: (item: T) => void) {
    this.#clock = clock;
    this.#arrive = arrive;
  }

  push(item: T, latency: number): void {
    if (this.#over) return;
    const now = this.#clock.now();
    const due = Math.max(now + latency, this.#queue.at(-1)?.due ?? 0, this.#heldUntil);
    this.#queue.push({ due, item });
    this.#arm();
  }

  /** Nothing arrives before then. */
  hold(until: number): void {
    this.#heldUntil = Math.max(until, this.#heldUntil);
    this.#queue = this.#queue.map(({ due, item }) => ({ due: Math.max(due, this.#heldUntil), item }));
  }

  /** Everything under way is lost, and all that follows. */
  end(): void {
    this.#queue = [];
    this.#over = true;
  }

  #arm(): void {
    const first = this.#queue[0];
    if (this.#armed || first === undefined) return;
    this.#armed = true;
    this.#clock.after(first.due - this.#clock.now(), () => {
      this.#armed = false;
      for (;;) {
        const next = this.#queue[0];
        if (next === undefined || next.due > this.#clock.now()) break;
        this.#queue.shift();
        this.#arrive(next.item);
      }
      this.#arm();
    });
  }
}

type Up = Command | "closed by client";
type Down = Event | { readonly type: "close"; readonly why: Close };

export class Wire implements Connection {
  readonly edge: Edge;
  readonly attempt: number;
  /** Rooms that the client has joined or resumed on it. */
  readonly heard = new Set<RoomName>();
  readonly #end: WireEnd;
  readonly #clock: VirtualClock;
  readonly #origin: Origin;
  readonly #latency: number;
  readonly #up: Lane<Up>;
  readonly #down: Lane<Down>;
  #session: Session | undefined;
  /** Its dialect has a channel and no patience: the session goes with the socket. */
  #departs = false;
  /** The client's end still listens. */
  #clientOpen = true;
  /** The node's end still listens. */
  #nodeOpen = true;

  constructor(edge: Edge, attempt: number, end: WireEnd, clock: VirtualClock, dice: Dice, address: string) {
    this.edge = edge;
    this.attempt = attempt;
    this.#end = end;
    this.#clock = clock;
    this.#latency = dice.chance(0.3) ? 0 : dice.between(1, 40);
    this.#up = new Lane(clock, (item) => edge.gate.pass(() => this.#arriveUp(item)));
    this.#down = new Lane(clock, (item) => this.#arriveDown(item));
    this.#origin = originOf(address);
    edge.wires.add(this);
  }

  get open(): boolean {
    return this.#clientOpen;
  }

  send(frame: Command): void {
    if (this.#clientOpen) this.#up.push(frame, this.#latency);
  }

  /** The client closes its socket: what it sent before still arrives. */
  drop(): void {
    if (!this.#clientOpen) return;
    this.#clientOpen = false;
    this.#up.push("closed by client", this.#latency);
  }

  /** The network forgets the connection, and each end learns it when it does. */
  cut(clientLearnsIn: number | undefined, nodeLearnsIn: number): void {
    this.#up.end();
    this.#down.end();
    this.#clock.after(nodeLearnsIn, () => this.edge.gate.pass(() => this.#lost()));
    if (clientLearnsIn !== undefined) this.#clock.after(clientLearnsIn, () => this.#closedFor("cut"));
  }

  /** Nothing passes for a while, then all of it, late. */
  stall(ms: number): void {
    const until = this.#clock.now() + ms;
    this.#up.hold(until);
    this.#down.hold(until);
  }

  deliver(event: Event): void {
    if (this.#nodeOpen) this.#down.push(event, this.#latency);
  }

  close(why: Close): void {
    if (!this.#nodeOpen) return;
    this.#nodeOpen = false;
    this.#down.push({ type: "close", why }, this.#latency);
    // As the door does: the socket's end is reported afterwards.
    this.edge.gate.clock.endOfTurn(() => this.#tellLost());
  }

  #arriveUp(item: Up): void {
    if (item === "closed by client") return this.#lost();
    if (!this.#nodeOpen) return;
    const { node } = this.edge;
    if (item.type === "hello" || item.type === "resume") {
      this.#departs = item.channel !== undefined;
      const opened = node.open(this, item, this.#origin);
      if (opened.ok) this.#session = opened.value;
      else
        this.close(
          opened.reason === "superseded" ? "taken_over" : opened.reason === "expired" ? "expired" : "unavailable",
        );
      return;
    }
    if (this.#session !== undefined) node.command(this.#session, item);
  }

  #arriveDown(item: Down): void {
    if (!this.#clientOpen) return;
    if (item.type === "close") this.#closedFor(item.why);
    else this.#end.heard(this, item);
  }

  #closedFor(why: Close | "cut"): void {
    if (!this.#clientOpen) return;
    this.#clientOpen = false;
    this.#end.closed(this, why);
  }

  #lost(): void {
    if (!this.#nodeOpen) return;
    this.#nodeOpen = false;
    this.#tellLost();
  }

  #tellLost(): void {
    const session = this.#session;
    this.#session = undefined;
    if (session === undefined) return;
    if (this.#departs) this.edge.node.depart(session, this);
    else this.edge.node.lost(session, this);
  }
}

function originOf(address: string): Origin {
  const realm = parseRealm("default");
  if (!realm.ok) throw new Error("the default realm has a name");
  return { realm: realm.value, dialect: "simulation", grace: 8_000, address };
}
