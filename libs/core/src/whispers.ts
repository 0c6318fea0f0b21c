// Volatile messages of one hosted room: held until the replica knows their sender, or dropped.
import { comparePositions, sameEpoch } from "@heliograph/protocol";
import type { Backlog } from "./backlog.ts";
import type { WhisperMessage } from "./ports/whisper.ts";
import type { Replica } from "./replica.ts";
import type { Stay } from "./stay.ts";
import type { World } from "./world.ts";

/** Held messages of one room at most, and their bytes; volatile means that the rest may go. */
const mostHeld = 256;
const mostHeldBytes = 262_144;

export class Whispers {
  readonly #replica: Replica;
  readonly #world: World;
  readonly #unfollow: () => void;
  readonly #backlog: Backlog;
  #held: WhisperMessage[] | undefined;
  #heldBytes = 0;

  /** What is held counts among what waits on the node, and gives way as chat does. */
  constructor(replica: Replica, world: World, backlog: Backlog) {
    this.#replica = replica;
    this.#world = world;
    this.#backlog = backlog;
    this.#unfollow = world.whisper.follow(replica.key, (message) => this.#hear(message));
  }

  end(): void {
    this.#unfollow();
    this.#let();
  }

  /** The replica moved on: what waited for it may be told now. */
  moved(): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#let();
    for (const message of held) this.#hear(message);
  }

  #hear(message: WhisperMessage): void {
    const room = this.#replica.room;
    if (room === undefined) return;
    if (comparePositions(room.at, message.asOf) < 0) {
      this.#hold(message);
      return;
    }
    const sender = room.member(message.from);
    if (sender === undefined || !sameEpoch(sender.epoch, message.epoch)) return;
    const event = {
      type: message.to === undefined ? "broadcast" : "signal",
      room: this.#replica.name,
      from: message.from,
      body: message.body,
    } as const;
    if (message.to !== undefined) {
      const stay = this.#replica.locals.get(message.to);
      if (stay !== undefined && hears(stay, message)) stay.session.deliver(event);
      return;
    }
    for (const stay of this.#replica.locals.all) {
      if (hears(stay, message) && stay.member !== message.from) stay.session.deliver(event);
    }
  }

  #hold(message: WhisperMessage): void {
    if (this.#held === undefined) {
      this.#held = [];
      this.#world.clock.after(this.#world.settings.whisperHold, () => this.#let());
    }
    const { length } = message.body.bytes;
    const isFull = this.#held.length >= mostHeld || this.#heldBytes + length > mostHeldBytes;
    if (isFull || this.#backlog.bytes > this.#world.settings.backlogBytes / 2) return;
    this.#held.push(message);
    this.#heldBytes += length;
    this.#backlog.add(length);
  }

  #let(): void {
    this.#held = undefined;
    this.#backlog.less(this.#heldBytes);
    this.#heldBytes = 0;
  }
}

/**
 * What was whispered before its connection spoke for it is the former one's to hear: on two nodes at once it would be
 * told twice.
 */
function hears(stay: Stay, message: WhisperMessage): boolean {
  return stay.phase === "in" && (stay.since === undefined || comparePositions(message.asOf, stay.since) >= 0);
}
