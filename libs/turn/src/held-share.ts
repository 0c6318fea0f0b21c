// The set of a provider as a process holds it: read from the shared memory, or its own until the memory has one.
import type { Clock, StoredIceSet, Timer } from "@heliograph/core";
import type { HeldSet } from "./ice-set.ts";
import type { SharedSet } from "./set-bytes.ts";
import { readSet } from "./set-bytes.ts";

/** Milliseconds: with no more than a second left a grant's `ttl` may come out as 0, which means that it never ends. */
const least = 1_000;

interface Held extends SharedSet {
  readonly generation: number;
  /** By this process's clock. */
  readonly endsAt: number;
  readonly life: number;
}

export interface HeldSharePorts {
  readonly clock: Clock;
  fault(where: string, error: unknown): void;
  /** The set that was held has ended. */
  onEnd(): void;
}

export class HeldShare {
  readonly #ports: HeldSharePorts;
  #held: Held | undefined;
  #end: Timer | undefined;
  #generation = 0;
  #last: SharedSet | undefined;
  /** The one that could not be read, so that it is told once. */
  #unreadable = 0;

  constructor(ports: HeldSharePorts) {
    this.#ports = ports;
  }

  /** Whether something may be given out now, and what. */
  get now(): HeldSet | undefined {
    const held = this.#live;
    return held && { set: held.set, generation: held.generation, endsAt: held.endsAt };
  }

  /** Milliseconds that are left; 0: nothing is held. */
  get left(): number {
    const held = this.#live;
    return held === undefined ? 0 : held.endsAt - this.#ports.clock.now();
  }

  /** Milliseconds that the set was stored for; 0: nothing is held. */
  get life(): number {
    return this.#live?.life ?? 0;
  }

  /** Of what is held, or of what was held last; 0: there was nothing yet. */
  get generation(): number {
    return this.#generation;
  }

  /** What was held last, over or not: the service goes on from it. */
  get last(): SharedSet | undefined {
    return this.#last;
  }

  /**
   * What the memory answered to a question that was asked at `askedAt`: its end is counted from there, since it may have
   * been under way for a while. False: it cannot be read. An older one than is held changes nothing: what is held serves
   * on to its end, whatever became of the memory. `instead`: what is held is nobody else's, and any of the memory's is
   * better.
   */
  take(stored: StoredIceSet, askedAt: number, instead = false): boolean {
    const endsAt = askedAt + stored.left;
    const held = instead ? undefined : this.#live;
    if (held !== undefined && stored.generation < held.generation) return true;
    if (held?.generation === stored.generation) {
      this.#hold({ ...held, endsAt });
      return true;
    }
    if (stored.generation === this.#unreadable) return false;
    const shared = readSet(stored.bytes);
    if (shared === undefined) {
      this.#unreadable = stored.generation;
      this.#ports.fault("a shared set of TURN credentials", new Error("what is stored is no set"));
      return false;
    }
    this.#hold({ ...shared, generation: stored.generation, endsAt, life: stored.life });
    return true;
  }

  /** One that the memory does not have. */
  keep(shared: SharedSet, generation: number, endsAt: number, life: number): void {
    this.#hold({ ...shared, generation, endsAt, life });
  }

  close(): void {
    this.#end?.cancel();
    this.#held = undefined;
  }

  get #live(): Held | undefined {
    const held = this.#held;
    return held !== undefined && held.endsAt - this.#ports.clock.now() > least ? held : undefined;
  }

  #hold(held: Held): void {
    this.#held = held;
    this.#last = held;
    this.#generation = held.generation;
    this.#end?.cancel();
    // By a timer as well: the time of day may be set back meanwhile, and the credential ends all the same.
    this.#end = this.#ports.clock.after(held.endsAt - this.#ports.clock.now() - least, () => {
      this.#held = undefined;
      this.#ports.onEnd();
    });
  }
}
