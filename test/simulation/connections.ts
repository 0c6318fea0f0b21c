// A simulated client's connections: the one that speaks, the former one that is still heard, and the one being tried.
import type { Command } from "@heliograph/protocol";
import type { Dice } from "./dice.ts";
import type { Edge, House } from "./house.ts";
import type { WireEnd } from "./wire.ts";
import { Wire } from "./wire.ts";

/** What a page keeps across a reload. */
export interface Kept {
  attempt: number;
  token: string | undefined;
}

/** Whose connections they are. */
export interface ConnectionsOwner extends WireEnd {
  readonly name: string;
  /** Why it connects no more. */
  readonly over: string | undefined;
  /** What the first frame of this attempt says. */
  greeting(attempt: number): Command;
}

/** A connection that has not been welcomed by then: the client tries elsewhere. */
const deadline = 4_000;

export class Connections {
  readonly #owner: ConnectionsOwner;
  readonly #house: House;
  readonly #dice: Dice;
  readonly #kept: Kept;
  #speaking: Wire | undefined;
  /** Still heard until the rooms are heard on its successor. */
  #former: Wire | undefined;
  #trying: Wire | undefined;
  #triedAt = 0;
  #retryAt: number | undefined;
  /** No network at present. */
  #offline = false;

  constructor(owner: ConnectionsOwner, house: House, dice: Dice, kept: Kept) {
    this.#owner = owner;
    this.#house = house;
    this.#dice = dice;
    this.#kept = kept;
  }

  get speaking(): Wire | undefined {
    return this.#speaking;
  }

  get former(): Wire | undefined {
    return this.#former;
  }

  /** Speaks, and is about to do nothing else. */
  get steady(): boolean {
    const plans = this.#trying !== undefined || this.#retryAt !== undefined;
    return !this.#offline && this.#speaking !== undefined && !plans;
  }

  /** Whether the wire is the one that speaks, or the one that did. */
  isHeard(wire: Wire): boolean {
    return wire === this.#speaking || wire === this.#former;
  }

  /** For whoever looks into a failure. */
  get state(): string {
    const trying = this.#trying === undefined ? "" : `, trying ${this.#trying.edge.name}`;
    const retry = this.#retryAt === undefined ? "" : `, retry at ${this.#retryAt}`;
    const on = this.#speaking === undefined ? "offline" : `on ${this.#speaking.edge.name}`;
    return `${this.#offline ? "no network, " : ""}${retry}${on}${trying}`;
  }

  connect(edge = this.#somewhere()): void {
    this.#retryAt = undefined;
    if (this.#owner.over !== undefined || this.#offline) return;
    if (edge === undefined) return this.retry(500);
    this.#kept.attempt += 1;
    this.#trying?.drop();
    const { attempt } = this.#kept;
    const wire = new Wire(edge, attempt, this.#owner, this.#house.clock, this.#dice, `address of ${this.#owner.name}`);
    this.#trying = wire;
    this.#triedAt = this.#house.clock.now();
    wire.send(this.#owner.greeting(attempt));
  }

  retry(ms: number, elsewhere = false): void {
    if (this.#owner.over !== undefined || this.#retryAt !== undefined) return;
    const at = this.#house.clock.now() + ms;
    this.#retryAt = at;
    this.#house.clock.after(ms, () => {
      if (this.#retryAt === at) this.connect(elsewhere ? this.#elsewhere() : undefined);
    });
  }

  /** The network is gone for so long; half-open: neither end is told. */
  goOffline(ms: number, halfOpen: boolean): void {
    if (this.#offline) return;
    this.#offline = true;
    this.cut(
      halfOpen ? undefined : this.#dice.between(0, 200),
      halfOpen ? this.#dice.between(500, 9_000) : this.#dice.between(0, 500),
    );
    this.#house.clock.after(ms, () => {
      this.#offline = false;
      if (this.#speaking === undefined) this.retry(0);
    });
  }

  cut(clientLearnsIn: number | undefined, nodeLearnsIn: number): void {
    for (const wire of [this.#speaking, this.#former, this.#trying]) wire?.cut(clientLearnsIn, nodeLearnsIn);
  }

  /** Speaks elsewhere, the old connection being heard until the rooms are heard on the new one. */
  move(): void {
    if (this.#trying === undefined && this.#speaking !== undefined) this.connect(this.#elsewhere());
  }

  /** Two connections of one session at once, the older of which may arrive last. */
  race(): void {
    this.connect();
    const first = this.#trying;
    if (first === undefined) return;
    // The client gives it up, but what it sent is under way and late.
    first.stall(this.#dice.between(0, 3_000));
    this.#trying = undefined;
    first.drop();
    this.connect();
  }

  /** False: it was given up before it was welcomed. */
  welcomed(wire: Wire): boolean {
    if (wire !== this.#trying) return false;
    this.#trying = undefined;
    this.#former?.drop();
    this.#former = this.#speaking;
    this.#speaking = wire;
    return true;
  }

  /** Every room is heard on the one that speaks. */
  settle(): void {
    this.#former?.drop();
    this.#former = undefined;
  }

  /** What the wire was that has come to its end; undefined: none that matters any more. */
  closed(wire: Wire): "speaking" | "trying" | undefined {
    if (wire === this.#former) this.#former = undefined;
    else if (wire === this.#speaking) {
      this.#speaking = undefined;
      return "speaking";
    } else if (wire === this.#trying) {
      this.#trying = undefined;
      return "trying";
    }
    return undefined;
  }

  /** After an end: again soon, unless another is being tried already. */
  again(): void {
    if (this.#trying === undefined) this.retry(this.#dice.between(20, 600));
  }

  dropAll(): void {
    for (const wire of [this.#speaking, this.#former, this.#trying]) wire?.drop();
    this.#speaking = undefined;
    this.#former = undefined;
    this.#trying = undefined;
  }

  /** What takes too long is given up. */
  look(now: number): void {
    if (this.#trying === undefined || now - this.#triedAt <= deadline) return;
    this.#trying.drop();
    this.#trying = undefined;
    this.retry(0);
  }

  #somewhere(): Edge | undefined {
    return this.#dice.pick(this.#house.living);
  }

  #elsewhere(): Edge | undefined {
    const others = this.#house.living.filter((edge) => edge !== this.#speaking?.edge);
    return this.#dice.pick(others) ?? this.#somewhere();
  }
}
