// Volatile messages of one hosted room: held until the replica knows their sender, or dropped.
import { comparePositions, sameEpoch } from "@heliograph/protocol";
import type { WhisperMessage } from "./ports/whisper.ts";
import type { Replica } from "./replica.ts";
import type { Stay } from "./stay.ts";
import type { World } from "./world.ts";

/** Held messages of one room at most; volatile means that the rest may go. */
const mostHeld = 256;

export class Whispers {
  readonly #replica: Replica;
  readonly #world: World;
  readonly #unfollow: () => void;
  #held: WhisperMessage[] | undefined;

  constructor(replica: Replica, world: World) {
    this.#replica = replica;
    this.#world = world;
    this.#unfollow = world.whisper.follow(replica.key, (message) => this.#hear(message));
  }

  end(): void {
    this.#unfollow();
    this.#held = undefined;
  }

  /** The replica moved on: what waited for it may be told now. */
  moved(): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
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
      this.#world.clock.after(this.#world.settings.whisperHold, () => {
        this.#held = undefined;
      });
    }
    if (this.#held.length < mostHeld) this.#held.push(message);
  }
}

/**
 * What was whispered before its connection spoke for it is the former one's to hear: on two nodes at once it would be
 * told twice.
 */
function hears(stay: Stay, message: WhisperMessage): boolean {
  return stay.phase === "in" && (stay.since === undefined || comparePositions(message.asOf, stay.since) >= 0);
}
